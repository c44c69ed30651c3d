/** `npm run stack`: the stack for other programs. One JSON line on stdout when it is ready, the log on stderr. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { stopOnSignal } from '../host/ending.ts';
import { formatLogEntry, isAtLeast } from '../host/log.ts';
import { runStack } from './run-stack.ts';

const usage = `Usage: npm run stack -- [options]

Runs the app with simulated vendors, for other programs: prints one line of JSON with all addresses when ready.
  --port P             where the app answers (7071; 0 takes any free port)
  --control-port P     where the control address answers (0: any free port)
  --clock KIND         real, or virtual: time moves only by POST /clock/advance (real)
  --start ISO          when a virtual clock begins (now)
  --data DIR           keeps all data there (a folder of its own, gone at the end)
  --notifications KIND rich: Graph's notifications carry the presence, encrypted; basic: each costs a read (rich)
  --public-url URL     where the vendors are told to reach the app: a tunnel or a proxy (the app's own address)
  --app DIR            runs the app in this folder (this project)
  --log-level LEVEL    trace, debug, information, warning, error or critical (information)
  --help               this text
`;

const portSchema = z.coerce.number().int().min(0).max(65535);
const optionsSchema = z.object({
  port: portSchema.default(7071),
  'control-port': portSchema.default(0),
  clock: z.enum(['real', 'virtual']).default('real'),
  start: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
  data: z.string().min(1).optional(),
  notifications: z.enum(['rich', 'basic']).default('rich'),
  'public-url': z.url().optional(),
  app: z.string().min(1).optional(),
  'log-level': z
    .enum(['trace', 'debug', 'information', 'warning', 'error', 'critical'])
    .default('information'),
});

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    'control-port': { type: 'string' },
    clock: { type: 'string' },
    start: { type: 'string' },
    data: { type: 'string' },
    notifications: { type: 'string' },
    'public-url': { type: 'string' },
    app: { type: 'string' },
    'log-level': { type: 'string' },
    help: { type: 'boolean' },
  },
});
const options = optionsSchema.safeParse(values);

if (values.help) {
  process.stdout.write(usage);
} else if (options.success) {
  await run(options.data);
} else {
  process.stderr.write(`${z.prettifyError(options.error)}\n\n${usage}`);
  process.exitCode = 2;
}

async function run(chosen: z.infer<typeof optionsSchema>): Promise<void> {
  const stack = await runStack({
    port: chosen.port,
    controlPort: chosen['control-port'],
    clock: chosen.clock,
    start: chosen.start,
    dataDir: chosen.data,
    rich: chosen.notifications === 'rich',
    publicUrl: chosen['public-url'],
    appDir: chosen.app,
    log: (entry) => {
      if (isAtLeast(entry.level, chosen['log-level'])) process.stderr.write(`${formatLogEntry(entry)}\n`);
    },
  });
  stopOnSignal(() => stack.close());
  const { app, control, vendors, exportStorage } = stack;
  process.stdout.write(
    `${JSON.stringify({ ready: true, app, control, vendors: vendors.urls, exportStorage })}\n`,
  );
}
