import { expect, test } from '@jest/globals';
import { coalesced } from '../../domain/coalesced.ts';

test('whoever asks while it runs shares the one run after it, and a failure is its own run’s alone', async () => {
  const ends: ((how: 'well' | 'badly') => void)[] = [];
  const run = coalesced(
    () =>
      new Promise<void>((resolve, reject) =>
        ends.push((how) => (how === 'well' ? resolve() : reject(new Error('badly')))),
      ),
  );
  const [first, second, third] = [run(), run(), run()];
  expect(ends).toHaveLength(1);
  ends[0]?.('badly');
  await expect(first).rejects.toThrow('badly');
  expect(second).toBe(third);
  expect(ends).toHaveLength(2);
  ends[1]?.('well');
  await second;
  const fourth = run();
  expect(ends).toHaveLength(3);
  ends[2]?.('well');
  await fourth;
});
