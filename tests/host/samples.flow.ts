/** An app written as the public Durable Functions samples for Node are: several entry files, one pattern after another. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../support/host-process.ts';
import type { StatusBody } from '../support/host-process.ts';

let host: HostProcess;

beforeAll(async () => {
  host = await HostProcess.start(join(import.meta.dirname, 'apps/sampler'));
}, 20_000);

afterAll(() => host.stop());

type Links = Record<string, string>;

async function start(name: string, input: unknown): Promise<Links> {
  const { status, body } = await host.json('POST', `/api/orchestrators/${name}`, input);
  expect(status).toBe(202);
  await host.idle();
  return body as Links;
}

async function outcome(links: Links): Promise<unknown> {
  const status = (await (await fetch(links['statusQueryGetUri'] ?? '')).json()) as StatusBody;
  return status.runtimeStatus === 'Completed' ? status.output : status.runtimeStatus;
}

async function tell(links: Links, event: string, data: unknown): Promise<void> {
  const url = (links['sendEventPostUri'] ?? '').replace('{eventName}', event);
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(data) })).status).toBe(202);
  await host.idle();
}

describe('an app in the manner of the samples', () => {
  test('chains, fans out and nests', async () => {
    const greetings = ['Hello Tokyo', 'Hello Seattle', 'Hello Cairo'];
    expect(await outcome(await start('chain', null))).toEqual(greetings);
    expect(await outcome(await start('fanOut', 10))).toBe(60);
    expect(await outcome(await start('outer', null))).toEqual(greetings);
    expect(await host.json('POST', '/api/orchestrators/wait/chain', null)).toEqual({
      status: 200,
      body: greetings,
    });
  });

  test('watches something from time to time', async () => {
    const links = await start('monitor', null);
    expect(await outcome(links)).toBe('Running');
    await host.advance('PT2H');
    expect(await outcome(links)).toBe(3);
  });

  test('waits for a person, but not for ever', async () => {
    const inTime = await start('verification', 1234);
    const late = await start('verification', 1234);
    await tell(inTime, 'ChallengeResponse', 1);
    await tell(inTime, 'ChallengeResponse', 1234);
    await host.advance('PT2M');
    expect([await outcome(inTime), await outcome(late)]).toEqual(['verified', 'too late']);
  });

  test('counts in an entity that addresses tell and ask', async () => {
    expect((await host.fetch('/api/tally/ada')).status).toBe(404);
    await host.json('POST', '/api/tally/ada', 4);
    await host.idle();
    expect(await outcome(await start('tallyUp', 'ada'))).toBe(5);
    expect(await host.json('GET', '/api/tally/ada')).toEqual({ status: 200, body: 5 });
  });

  test('calls an address', async () => {
    await host.json('POST', '/api/tally/called', 3);
    expect(await outcome(await start('call', `${host.app}/api/tally/called`))).toEqual({
      statusCode: 200,
      content: '3',
    });
  });
});
