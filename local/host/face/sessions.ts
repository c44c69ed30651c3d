/** Who has shown the master key to the operator's pages: a cookie names the session, and its forms carry its token. */
import { randomBytes } from 'node:crypto';
import { isOneOf } from '../http/keys.ts';
import { headerOf } from '../http/messages.ts';
import type { RequestHead } from '../http/messages.ts';

export interface Session {
  /** What every form of the session carries: another site's forms cannot know it. */
  readonly token: string;
}

const mostSessions = 100;

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #cookie: string;

  /** @param port cookies of one machine are shared by all ports, so the name tells hosts apart */
  constructor(port: number) {
    this.#cookie = `functions-host-${port}`;
  }

  /** @returns the cookie header of a new session */
  open(): string {
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= mostSessions && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomBytes(24).toString('base64url');
    this.#sessions.set(id, { token: randomBytes(24).toString('base64url') });
    return `${this.#cookie}=${id}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** @returns the cookie header that ends it */
  close(request: RequestHead): string {
    this.#sessions.delete(this.#idOf(request));
    return `${this.#cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;
  }

  of(request: RequestHead): Session | undefined {
    return this.#sessions.get(this.#idOf(request));
  }

  #idOf(request: RequestHead): string {
    const pairs = (headerOf(request, 'cookie') ?? '').split(';').map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(`${this.#cookie}=`))?.slice(this.#cookie.length + 1) ?? '';
  }
}

/** Whether a form came from a page of this session. */
export function isOwnForm(session: Session, form: URLSearchParams): boolean {
  return isOneOf(form.get('token') ?? '', [session.token]);
}
