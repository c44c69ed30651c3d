/** A real Azurite for queues: in a child process, in memory, on this machine only, on a free port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const main = require.resolve('azurite/dist/src/queue/main.js');

/** The account that Azurite always has; its key is public (Azurite, default storage account). */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface Azurite {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** @throws with what it said when it does not start */
export async function startAzurite(): Promise<Azurite> {
  const options = ['--queueHost', '127.0.0.1', '--queuePort', '0', '--inMemoryPersistence'];
  const child = spawn(process.execPath, [main, ...options, '--silent', '--disableTelemetry'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const endpoint = await listening(child);
  const parts = ['DefaultEndpointsProtocol=http', `AccountName=${account}`, `AccountKey=${accountKey}`];
  return {
    connectionString: [...parts, `QueueEndpoint=${endpoint}/${account}`].join(';'),
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('Azurite has no output.');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    const address = /listens on (http:\/\/127\.0\.0\.1:\d+)|listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(
      line,
    );
    const found = address?.[1] ?? address?.[2];
    if (found !== undefined) {
      child.stdout.resume();
      return found;
    }
  }
  throw new Error(`Azurite did not start:\n${said.join('\n')}`);
}
