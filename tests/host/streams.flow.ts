/** HTTP functions that take and give their bodies as streams (app.setup with enableHttpStream). */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostProcess } from '../support/host-process.ts';

let host: HostProcess;

beforeAll(async () => {
  host = await HostProcess.start(join(import.meta.dirname, 'apps/streams'));
}, 20_000);

afterAll(() => host.stop());

describe('an app with HTTP streams', () => {
  test('answers piece by piece, as the pieces come', async () => {
    const response = await host.fetch('/api/parts');
    expect(response.headers.get('x-kind')).toBe('parts');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    expect(Buffer.from(first.value ?? []).toString()).toBe('first ');
    expect((await host.fetch('/api/release')).status).toBe(202);
    const second = await reader.read();
    expect(Buffer.from(second.value ?? []).toString()).toBe('last');
    expect((await reader.read()).done).toBe(true);
  });

  test('reads the request while it is still being sent', async () => {
    const toServer = new TransformStream<Uint8Array, Uint8Array>();
    const writer = toServer.writable.getWriter();
    void writer.write(Buffer.from('one '));
    const init = { method: 'POST', body: toServer.readable, duplex: 'half' } as RequestInit;
    const sending = host.fetch('/api/echo/anna?q=x%20y', init);
    const response = await sending;
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('ONE ');
    await writer.write(Buffer.from('two'));
    await writer.close();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('TWO');
    expect([response.headers.get('x-name'), response.headers.get('x-query')]).toEqual(['anna', 'x y']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-ms-invocation-id')).toBeNull();
  });

  test('takes bodies larger than a whole request may be', async () => {
    const mebibyte = new Uint8Array(1024 * 1024);
    let left = 101;
    const body = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(mebibyte) : controller.close()),
    });
    const response = await host.fetch('/api/size', { method: 'PUT', body, duplex: 'half' });
    expect(await response.json()).toEqual({ bytes: 101 * 1024 * 1024 });
  });

  test('fails with a 500 that says nothing when the handler throws first', async () => {
    const response = await host.fetch('/api/boom', { method: 'POST', body: 'text' });
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(host.log).toMatch(/Executed 'Functions\.boom' \(Failed, .*the secret reason/);
  });

  test('breaks the connection off when the answer cannot be finished', async () => {
    const response = await host.fetch('/api/halfway');
    expect(response.status).toBe(200);
    await host.fetch('/api/break');
    await expect(response.text()).rejects.toThrow();
  });

  test('answers 204 when the handler returns nothing, and asks for keys as ever', async () => {
    expect((await host.fetch('/api/nothing')).status).toBe(204);
    expect((await host.fetch('/api/closed')).status).toBe(401);
    expect((await host.fetch('/api/nowhere')).status).toBe(404);
  });

  test('is idle when all streams have ended', async () => {
    await host.idle();
  });
});
