import { expect, test } from '@jest/globals';
import { answerWithin } from '../../triggers/answers.ts';

test('what answers in time is answered, and what fails in time fails as it does', async () => {
  expect(await answerWithin(5000, Promise.resolve('here'))).toBe('here');
  await expect(answerWithin(5000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('what does not answer in time is not waited for, and may fail later without harm', async () => {
  let fail = (_error: Error): void => undefined;
  const never = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  await expect(answerWithin(1, never)).rejects.toThrow('No answer within 1 ms.');
  fail(new Error('too late'));
});
