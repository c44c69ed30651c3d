/**
 * Made-up histories of a company of two on the running stack, against a model of what its people do: the newest wins, what
 * they chose themselves stands, all comes to rest, and nobody is written while the company is suspended.
 *
 * `RUNS` asks for more histories, `SEED` for those of a failure.
 */
import { afterAll, beforeAll, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StackWithData } from '../support/stack-with-data.ts';
import { isThorough } from '../support/thorough.ts';
import { agree, histories } from './commands.ts';
import { newModel } from './model.ts';

let world: StackWithData;
beforeAll(async () => {
  world = await StackWithData.start(['--log-level=error']);
}, 60_000);
afterAll(() => world.end());

const { RUNS, SEED } = process.env;
const numRuns = Number(RUNS ?? (isThorough ? 20 : 1));

test(
  'whatever happens, both sides come to show what people do, and no write is made that nobody needs',
  async () => {
    const property = fc.asyncProperty(histories, async (commands) => {
      const state = {
        model: newModel(2),
        real: { world, customer: await world.stack.customer({ users: 2 }) },
      };
      await fc.asyncModelRun(() => state, commands);
      await agree(state.model, state.real);
    });
    // Each history takes seconds, and leaves the stack changed: what fails is shown as it is, unshrunk.
    const parameters = { numRuns, endOnFailure: true, verbose: 1 } as const;
    await fc.assert(property, { ...parameters, ...(SEED !== undefined && { seed: Number(SEED) }) });
  },
  60_000 + numRuns * 60_000,
);
