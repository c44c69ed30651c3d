/** A client that signals an entity through the webhooks, over connections that stay open. */
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Host } from '../../local/host/host.ts';

/** Sends `count` signals, `atOnce` of them at a time. @throws when one is not accepted. */
export async function signalOverHttp(host: Host, count: number, atOnce: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const path = `/runtime/webhooks/durabletask/entities/counter/http?op=add&code=${host.keys.durableTask}`;
  const url = `http://127.0.0.1:${host.port}${path}`;
  let left = count;
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const call = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } });
      call.end('1');
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      if (response.statusCode !== 202) throw new Error(`A signal was answered ${response.statusCode}.`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  agent.destroy();
}
