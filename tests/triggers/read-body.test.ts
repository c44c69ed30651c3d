/** What a customer is told of a body that is not right. */
import { HttpRequest } from '@azure/functions';
import { expect, test } from '@jest/globals';
import { syncRulesSchema } from '../../domain/sync-rules.ts';
import { readBody } from '../../triggers/read-body.ts';

const secret = 'ada@example.com';

async function refused(body: unknown): Promise<unknown> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = new HttpRequest({ method: 'PUT', url: 'http://x/', body: { string: text } });
  const read = await readBody(request, syncRulesSchema, 'The rules are not right.');
  if (!('refusal' in read)) throw new Error('It was taken.');
  expect(read.refusal).toMatchObject({
    status: 400,
    headers: { 'content-type': 'application/problem+json' },
  });
  expect(JSON.stringify(read.refusal)).not.toContain(secret);
  return (read.refusal.jsonBody as { errors: unknown }).errors;
}

test.each([
  [{ direction: secret }, { direction: expect.stringContaining('"both"') }],
  [{ toTeams: { inCall: secret } }, { 'toTeams.inCall': expect.stringContaining('must be "busy"') }],
  [{ toTeams: { sleeping: 'busy' } }, { 'toTeams.sleeping': 'is not known' }],
  [{ colour: secret }, { colour: 'is not known' }],
  [{ [secret]: 1 }, { '?': 'is not known' }],
  [{ wrapUpSeconds: 901 }, { wrapUpSeconds: expect.stringContaining('900') }],
  [{ wrapUpSeconds: secret }, { wrapUpSeconds: 'must be number, received string' }],
  [
    { quietHours: { timeZone: 'Mars/Olympus' } },
    { 'quietHours.timeZone': 'a time zone of the IANA database, such as Europe/Berlin' },
  ],
  [{ quietHours: { timeZone: 'UTC', from: '18:00' } }, { 'quietHours.to': 'from and to come together' }],
  [[], { body: 'must be object, received array' }],
  ['{', { body: 'must be JSON' }],
])('%j is refused by its field', async (body, errors) => {
  expect(await refused(body)).toEqual(errors);
});

test('all that is wrong is said at once', async () => {
  expect(Object.keys((await refused({ direction: 1, wrapUpSeconds: -1, x: 1 })) as object)).toEqual([
    'direction',
    'wrapUpSeconds',
    'x',
  ]);
});
