/**
 * Stands between one worker and RingCentral, passes everything on, loses and refuses what it is told to, and notes in a
 * ledger what became of each refresh token. Used by `two-workers.ts`.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const pairSchema = z.object({ access_token: z.string(), refresh_token: z.string() });

/** What all workers together did with the refresh tokens of one session. */
export class Ledger {
  /** How many pairs RingCentral has made. */
  refreshes = 0;
  /** A token presented again while its successor was unused: the repair of a lost answer. */
  repairs = 0;
  /** A token presented although its successor, or the access token beside that, had been used: must not be. */
  doubleUses = 0;
  /** The vendor's newest refresh token; nothing else may be in the vault once all have come to rest. */
  newest: string;
  readonly #successors = new Map<string, z.infer<typeof pairSchema>>();
  readonly #used = new Set<string>();

  constructor(first: string) {
    this.newest = first;
  }

  presented(refreshToken: string): void {
    const successor = this.#successors.get(refreshToken);
    if (successor === undefined) return;
    const { access_token: access, refresh_token: refresh } = successor;
    if (this.#used.has(access) || this.#successors.has(refresh)) this.doubleUses += 1;
    else this.repairs += 1;
  }

  exchanged(refreshToken: string, answer: string): void {
    const pair = pairSchema.parse(JSON.parse(answer));
    if (!this.#successors.has(refreshToken)) this.refreshes += 1;
    this.#successors.set(refreshToken, pair);
    this.newest = pair.refresh_token;
  }

  used(accessToken: string): void {
    this.#used.add(accessToken);
  }
}

/** What happens to the next request that it fits; each happens once. */
export interface GateFaults {
  /** The next refresh takes place, and its answer is lost. */
  loseAnswer?: boolean;
  /** The next refresh is refused so, and does not take place. */
  refuse?: 429 | 503;
  /** Run when the next refresh has taken place, before it is answered. */
  beforeAnswer?: () => Promise<void>;
  /** The next call with an access token is refused: 401. */
  refuseToken?: boolean;
}

export interface Gate {
  readonly url: string;
  faults: GateFaults;
  close(): Promise<void>;
}

export async function openGate(target: string, ledger: Ledger): Promise<Gate> {
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: {},
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  const take = <K extends keyof GateFaults>(name: K): GateFaults[K] => {
    const { [name]: fault } = gate.faults;
    delete gate.faults[name];
    return fault;
  };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    if (incoming.url === '/restapi/oauth/token') await passRefresh(incoming, outgoing, body);
    else await passCall(incoming, outgoing);
  }

  async function passRefresh(incoming: IncomingMessage, outgoing: ServerResponse, body: string) {
    const refuse = take('refuse');
    if (refuse !== undefined) {
      outgoing.writeHead(refuse, refuse === 429 ? { 'retry-after': '1' } : {}).end('{}');
      return;
    }
    const refreshToken = new URLSearchParams(body).get('refresh_token') ?? '';
    ledger.presented(refreshToken);
    const answer = await forward(incoming, body);
    const text = await answer.text();
    if (answer.ok) {
      ledger.exchanged(refreshToken, text);
      await take('beforeAnswer')?.();
      if (take('loseAnswer')) {
        incoming.socket.destroy();
        return;
      }
    }
    reply(outgoing, answer, text);
  }

  async function passCall(incoming: IncomingMessage, outgoing: ServerResponse) {
    if (take('refuseToken')) {
      outgoing.writeHead(401).end('{"errorCode":"OAU-129"}');
      return;
    }
    const answer = await forward(incoming);
    const text = await answer.text();
    if (answer.status !== 401) ledger.used(incoming.headers.authorization?.replace('Bearer ', '') ?? '');
    reply(outgoing, answer, text);
  }

  function forward({ url, method = 'GET', headers }: IncomingMessage, body?: string): Promise<Response> {
    const sent = {
      authorization: headers.authorization ?? '',
      'content-type': headers['content-type'] ?? '',
    };
    return fetch(`${target}${url}`, { method, headers: sent, ...(body !== undefined && { body }) });
  }

  return gate;
}

function reply(outgoing: ServerResponse, answer: Response, text: string): void {
  const wait = answer.headers.get('retry-after');
  outgoing
    .writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/json',
      ...(wait !== null && { 'retry-after': wait }),
    })
    .end(text);
}
