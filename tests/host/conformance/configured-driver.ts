/** Speaks to the app `configured`, whose host.json sets limits, versions and lengths of timers. */
import { join } from 'node:path';
import { HostProcess } from '../../support/host-process.ts';
import type { StatusBody } from '../../support/host-process.ts';

const configuredDir = join(import.meta.dirname, '../apps/configured');

export class Configured {
  readonly host: HostProcess;
  readonly #links: Record<string, string>;

  private constructor(host: HostProcess, links: Record<string, string>) {
    this.host = host;
    this.#links = links;
  }

  static async start(): Promise<Configured> {
    const host = await HostProcess.start(configuredDir);
    return new Configured(host, (await host.json('GET', '/api/links')).body as Record<string, string>);
  }

  /** A request to the extension's webhook API, with its key. */
  api(method: string, path: string, body?: unknown): Promise<Response> {
    const link = new URL(this.#links['statusQueryGetUri'] ?? '');
    const address = link.href.replace(/instances\/[^?]*\?/, path.includes('?') ? `${path}&` : `${path}?`);
    return fetch(address, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async status(id: string, query = ''): Promise<StatusBody & { version?: string }> {
    return (await (await this.api('GET', `instances/${id}?${query}`)).json()) as StatusBody;
  }

  /** Starts an orchestration under a name of its own and returns how it stands once it rests. */
  async run(name: string, id: string, input?: unknown): Promise<StatusBody & { version?: string }> {
    const response = await this.api('POST', `orchestrators/${name}/${id}`, input);
    if (response.status !== 202) throw new Error(`${name} did not start: ${response.status}`);
    await this.host.idle();
    return this.status(id);
  }
}
