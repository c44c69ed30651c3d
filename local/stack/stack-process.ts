/** Runs the stack as a process of its own and speaks to its control address. Used by the demo, benchmarks and tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { projectDir } from './project.ts';

/** A Monday morning. */
const virtualStart = '2026-03-02T08:00:00Z';

const readySchema = z.object({
  ready: z.literal(true),
  app: z.string(),
  control: z.string(),
  vendors: z.record(z.string(), z.string()),
  exportStorage: z.string(),
});

const customerSchema = z.object({
  subscriptionId: z.string(),
  microsoftTenantId: z.string(),
  ringCentralAccountId: z.string(),
  users: z.array(
    z.object({ userId: z.string(), extensionId: z.string(), displayName: z.string(), mail: z.string() }),
  ),
});
export type Customer = z.infer<typeof customerSchema>;

const teamsPresenceSchema = z.looseObject({ availability: z.string(), activity: z.string() });
const ringCentralPresenceSchema = z.looseObject({
  userStatus: z.string(),
  dndStatus: z.string(),
  telephonyStatus: z.string(),
  presenceStatus: z.string(),
});

const journalSchema = z.array(
  z.object({
    at: z.string(),
    vendor: z.string(),
    method: z.string(),
    path: z.string(),
    status: z.number(),
    body: z.unknown(),
  }),
);
export type JournalEntry = z.infer<typeof journalSchema>[number];

const logSchema = z.array(
  z.object({
    sequence: z.number(),
    at: z.string(),
    severity: z.string(),
    happening: z.looseObject({ kind: z.string() }).nullable(),
    text: z.string(),
  }),
);
export type LogEntry = z.infer<typeof logSchema>[number];
const telemetrySchema = z.array(
  z.object({
    time: z.string(),
    data: z.object({
      baseType: z.enum(['MessageData', 'MetricData']),
      baseData: z.looseObject({ properties: z.record(z.string(), z.string()).default({}) }),
    }),
  }),
);
export type TelemetryItem = z.infer<typeof telemetrySchema>[number];

const statsSchema = z.looseObject({
  totalMessages: z.number(),
  messages: z.record(z.string(), z.number()),
  commits: z.number(),
});

export interface StackOptions {
  clock: 'real' | 'virtual';
  /** 0 takes any free port. */
  port?: number;
  /** Without it the data goes when the stack stops. */
  data?: string;
  /** Further arguments of the command. */
  args?: readonly string[];
  /** Shows the stack's log. */
  verbose?: boolean;
}

/** A running stack. Every call rejects with the answer's text when the control address refuses. */
export class StackProcess {
  readonly app: string;
  readonly vendors: Record<string, string>;
  /** The connection string of the storage that exports lie in. */
  readonly exportStorage: string;
  readonly #control: string;
  readonly #child: ChildProcess;
  readonly #log: string[];

  private constructor(child: ChildProcess, ready: z.infer<typeof readySchema>, log: string[]) {
    this.#child = child;
    this.#control = ready.control;
    this.#log = log;
    this.app = ready.app;
    this.vendors = ready.vendors;
    this.exportStorage = ready.exportStorage;
  }

  /** Starts a stack and waits until it is ready. Rejects with its log when it is not. */
  static async start({
    clock,
    port = 0,
    data,
    args = [],
    verbose = false,
  }: StackOptions): Promise<StackProcess> {
    const command = [
      join(projectDir(), 'dist/local/stack/stack.js'),
      `--port=${port}`,
      `--clock=${clock}`,
      // The same day each time: what falls due in the night is no matter of when it is run.
      ...(clock === 'virtual' ? [`--start=${virtualStart}`] : []),
      ...(data === undefined ? [] : ['--data', data]),
      ...args,
    ];
    const child = spawn(process.execPath, ['--disable-warning=DEP0040', ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A stack loads some thousand modules, and tests start a hundred stacks.
      env: { NODE_COMPILE_CACHE: join(projectDir(), '.local/compile-cache'), ...process.env },
    });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      if (verbose) process.stderr.write(`${line}\n`);
    });
    const exited = once(child, 'exit').then(() => {
      throw new Error(`The stack did not start:\n${log.join('\n')}`);
    });
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited])) as [
      string,
    ];
    exited.catch(() => undefined);
    return new StackProcess(child, readySchema.parse(JSON.parse(line)), log);
  }

  /** What the stack has logged so far. */
  get log(): readonly string[] {
    return this.#log;
  }

  async customer(request: Record<string, unknown> = {}): Promise<Customer> {
    return customerSchema.parse(await this.post('/customers', request));
  }

  async advance(by: string): Promise<void> {
    await this.post('/clock/advance', { by });
  }

  async idle(): Promise<void> {
    await this.post('/idle', {});
  }

  async now(): Promise<string> {
    return z.object({ now: z.string() }).parse(await this.get('/clock')).now;
  }

  async setTeams(userId: string, availability: string, activity: string): Promise<void> {
    await this.post(`/teams/${userId}/presence`, { availability, activity });
  }

  async setRingCentral(extensionId: string, presence: Record<string, unknown>): Promise<void> {
    await this.post(`/ringcentral/${extensionId}/presence`, presence);
  }

  async teams(userId: string): Promise<z.infer<typeof teamsPresenceSchema>> {
    return teamsPresenceSchema.parse(await this.get(`/teams/${userId}/presence`));
  }

  async ringCentral(extensionId: string): Promise<z.infer<typeof ringCentralPresenceSchema>> {
    return ringCentralPresenceSchema.parse(await this.get(`/ringcentral/${extensionId}/presence`));
  }

  async journal(vendor?: string): Promise<JournalEntry[]> {
    return journalSchema.parse(
      await this.get(vendor === undefined ? '/journal' : `/journal?vendor=${vendor}`),
    );
  }

  /** A page of what the customer may read, the newest first. */
  async customerLog(subscriptionId: string, before?: number): Promise<LogEntry[]> {
    const query = before === undefined ? '' : `?before=${before}`;
    return logSchema.parse(await this.get(`/customers/${subscriptionId}/log${query}`));
  }

  /** The code with which a customer asks the app, whether or not there is anything of them. */
  async customerCode(subscriptionId: string): Promise<string> {
    return z.object({ code: z.string() }).parse(await this.get(`/customers/${subscriptionId}/code`)).code;
  }

  /** What the app has said to Azure Monitor so far. */
  async telemetry(): Promise<TelemetryItem[]> {
    return telemetrySchema.parse(await this.get('/telemetry'));
  }

  async stats(): Promise<z.infer<typeof statsSchema>> {
    return statsSchema.parse(await this.get('/stats'));
  }

  async fault(fault: Record<string, unknown>): Promise<void> {
    await this.post('/faults', fault);
  }

  get(path: string): Promise<unknown> {
    return this.#call('GET', path);
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#call('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<unknown> {
    return this.#call('PATCH', path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.#call('DELETE', path);
  }

  /** Ends the process at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it in good order. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#control}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
