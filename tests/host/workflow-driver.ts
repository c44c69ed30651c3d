/** Speaks to the `workflows` app's own client endpoints, and to the extension's HTTP API of its host. */
import { join } from 'node:path';
import { HostProcess } from '../support/host-process.ts';
import type { StatusBody } from '../support/host-process.ts';

export const workflowsDir = join(import.meta.dirname, 'apps/workflows');

export interface ClientAnswer {
  readonly result?: unknown;
  readonly error?: string;
}

export class Workflows {
  readonly host: HostProcess;
  /** `…/runtime/webhooks/durabletask`. */
  readonly webhooks: string;
  readonly #query: string;

  private constructor(host: HostProcess, statusLink: URL) {
    this.host = host;
    this.webhooks = `${host.app}/runtime/webhooks/durabletask`;
    this.#query = statusLink.search.slice(1);
  }

  /** Starts the app, or another one in `appDir` that has the same client endpoints. */
  static async start(
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    appDir = workflowsDir,
  ): Promise<Workflows> {
    const host = await HostProcess.start(appDir, args, env);
    const { body } = await host.json('POST', '/api/client/links', { id: 'x' });
    const links = (body as { result: { statusQueryGetUri: string } }).result;
    return new Workflows(host, new URL(links.statusQueryGetUri));
  }

  /** Calls a method of the app's durable client. */
  async client(operation: string, argument: object): Promise<ClientAnswer> {
    return (await this.host.json('POST', `/api/client/${operation}`, argument)).body as ClientAnswer;
  }

  /** Starts an orchestration and lets it run as far as it gets without time passing. */
  async start(name: string, input?: unknown, instanceId?: string): Promise<string> {
    const { result, error } = await this.client('start', { name, input, instanceId });
    if (typeof result !== 'string') throw new Error(`${name} did not start: ${error}`);
    await this.host.idle();
    return result;
  }

  /** Starts an orchestration and returns how it stands once it rests. */
  async run(name: string, input?: unknown, instanceId?: string): Promise<StatusBody> {
    return this.status(await this.start(name, input, instanceId));
  }

  /** An instance as the webhook API shows it. */
  async status(id: string, query = ''): Promise<StatusBody> {
    const response = await this.api('GET', `instances/${encodeURIComponent(id)}?${query}`);
    if (!response.ok) throw new Error(`The status of ${id} is ${response.status}.`);
    return (await response.json()) as StatusBody;
  }

  /** Raises an event through the SDK and lets what follows happen. */
  async raise(id: string, event: string, data?: unknown): Promise<ClientAnswer> {
    const answer = await this.client('raise', { id, event, data: data ?? null });
    await this.host.idle();
    return answer;
  }

  /** An entity's state, as the SDK reads it. */
  async state(name: string, key: string): Promise<unknown> {
    const { result } = await this.client('read', { name, key });
    const { entityExists, entityState } = result as { entityExists: boolean; entityState?: unknown };
    return entityExists ? entityState : undefined;
  }

  /** A request to the extension's webhook API, with its key. */
  api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const separator = path.includes('?') ? '&' : '?';
    return fetch(`${this.webhooks}/${path}${separator}${this.#query}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** What the app's activities recorded. */
  async calls(): Promise<string[]> {
    return (await this.host.json('GET', '/api/calls')).body as string[];
  }
}
