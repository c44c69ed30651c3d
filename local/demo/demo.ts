/**
 * The whole life of one customer on the virtual clock: presence both ways, a restart in between, a suspension, a cancellation,
 * and the three deletions, each on its date. Prints its timeline and exits 0 only when each step was seen to happen.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StackProcess } from '../stack/stack-process.ts';
import { ResidueWatch } from './residue-watch.ts';
import { scenes } from './scenes.ts';
import type { Scene, Stage } from './stage.ts';

const help = `Usage: npm run demo -- [--break SCENE] [--verbose]

Plays the whole life of one customer on simulated vendors and a virtual clock.
  --break SCENE  lets something go wrong in the scene, such as lost notifications or data left behind, to see the demo notice and fail;
                 one of: ${scenes.map((scene) => scene.name).join(', ')}
  --verbose      shows the log of the stack as well`;

const { values } = parseArgs({
  options: { break: { type: 'string' }, verbose: { type: 'boolean' }, help: { type: 'boolean' } },
});

if (values.help) {
  console.log(help);
} else if (values.break !== undefined && !scenes.some((scene) => scene.name === values.break)) {
  console.error(help);
  process.exitCode = 2;
} else {
  process.exitCode = (await play(values.break, values.verbose ?? false)) ? 0 : 1;
}

async function play(toBreak: string | undefined, verbose: boolean): Promise<boolean> {
  const data = await mkdtemp(join(tmpdir(), 'presence-hub-demo-'));
  const start = (port?: number): Promise<StackProcess> =>
    StackProcess.start({ clock: 'virtual', data, verbose, ...(port !== undefined && { port }) });
  const residue = new ResidueWatch(data);
  const stage: Stage = { stack: await start(), start, customer: undefined, residue, endedLogs: [] };
  try {
    console.log('Presence Hub: a customer of three, on simulated vendors and a virtual clock.\n');
    for (const scene of scenes) {
      if (scene.name === toBreak) await spoil(scene, stage);
      const failure = await scene.play(stage).catch((error: unknown) => (error as Error).message);
      const mark = failure === undefined ? '✓' : '✗';
      console.log(`${await timeOf(stage.stack)}  ${mark} ${scene.title}`);
      if (failure !== undefined) {
        console.log(`\nNot seen to happen: ${failure}`);
        return false;
      }
      await stage.stack.idle();
      residue.look();
    }
    console.log(`\nAll ${scenes.length} steps were seen to happen.`);
    return true;
  } finally {
    await stage.stack.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function spoil(scene: Scene, stage: Stage): Promise<void> {
  if (scene.spoil === undefined) await loseNotifications(stage.stack);
  else await scene.spoil(stage);
}

async function loseNotifications(stack: StackProcess): Promise<void> {
  await stack.fault({ vendor: 'graph', kind: 'drop' });
  await stack.fault({ vendor: 'ringCentral', kind: 'drop' });
  await stack.fault({ vendor: 'entra', kind: 'status', status: 503 });
  await stack.fault({ vendor: 'graph', kind: 'status', status: 503 });
}

async function timeOf(stack: StackProcess): Promise<string> {
  return (await stack.now()).slice(0, 19).replace('T', ' ');
}
