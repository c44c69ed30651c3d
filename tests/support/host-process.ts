/** Drives a host as a child process: start it, talk to it, move its clock, stop or kill it, look at what it said. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const readyShape = z.object({ ready: z.literal(true), app: z.string(), control: z.string().nullable() });

const main = join(import.meta.dirname, '../../dist/local/host/main.js');

export interface StatusBody {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly historyEvents?: Record<string, unknown>[];
}

export class HostProcess {
  readonly app: string;
  readonly control: string;
  readonly #child: ChildProcess;
  readonly #log: string[];

  private constructor(
    child: ChildProcess,
    addresses: { app: string; control: string | null },
    log: string[],
  ) {
    this.#child = child;
    this.app = addresses.app;
    this.control = addresses.control ?? '';
    this.#log = log;
  }

  /** Starts the compiled host on a free port, with a virtual clock unless `args` say otherwise. @throws with its log when it does not start. */
  static async start(
    appDir: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<HostProcess> {
    const clock = args.includes('--clock') ? [] : ['--clock', 'virtual', '--start', '2026-01-01T00:00:00Z'];
    const child = spawn(process.execPath, [main, appDir, '--port', '0', ...clock, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, NODE_OPTIONS: '' },
    });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    const first = createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    const ended = once(child, 'close').then(() => undefined);
    const line = await Promise.race([first, ended]);
    if (line === undefined || line.done) {
      await ended;
      throw new Error(`The host did not start:\n${log.join('\n')}`);
    }
    const host = new HostProcess(child, readyShape.parse(JSON.parse(line.value)), log);
    if (process.env['HOST_FAULTS'] === '1') await host.#trouble();
    return host;
  }

  /**
   * Faults an orchestrator must not notice: completions that come twice count once, and what could not be kept is tried
   * again. Client's events and signals are not doubled: those count twice in Azure, too.
   */
  async #trouble(): Promise<void> {
    const completions = ['activityCompleted', 'activityFailed', 'subOrchestrationCompleted', 'timerFired'];
    const faults = [
      ...completions.map((message) => ({ kind: 'duplicateMessage', message, probability: 0.3, seed: 1 })),
      { kind: 'failingStore', probability: 0.05, seed: 2 },
      { kind: 'slowStore', ms: 1, probability: 0.2, seed: 3 },
    ];
    for (const fault of faults) {
      const response = await fetch(`${this.control}/host/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
      });
      if (!response.ok) throw new Error(`The host took no fault: ${await response.text()}`);
    }
  }

  /** All that the host wrote to stderr so far. */
  get log(): string {
    return this.#log.join('\n');
  }

  /** A request to the app. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.app}${path}`, init);
  }

  /** A JSON request to the app; the answer's body as JSON when it has one. */
  async json(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json' };
    const response = await this.fetch(path, { method, headers, ...content });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }

  /** Resolves once nothing is in flight. */
  async idle(): Promise<void> {
    const response = await fetch(`${this.control}/idle`, { method: 'POST', body: '{}' });
    if (!response.ok) throw new Error(`/idle answered ${response.status}`);
  }

  /** Moves the virtual clock by an ISO 8601 duration, and resolves when all that fell due is done. */
  async advance(by: string): Promise<string> {
    const response = await fetch(`${this.control}/clock/advance`, {
      method: 'POST',
      body: JSON.stringify({ by }),
    });
    if (!response.ok) throw new Error(`/clock/advance answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { now: string }).now;
  }

  /** Asks the host to stop; its exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Ends the host as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Resolves once the process has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'close');
    this.#child.kill(signal);
    await ended;
    return this.#child.exitCode;
  }
}
