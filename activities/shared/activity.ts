/** How an activity is registered under its contract: parsed input in, parsed output out. */
import type { InvocationContext } from '@azure/functions';
import { app, getClient, input, type DurableClient } from 'durable-functions';
import type { z } from 'zod';
import type { ActivityContract } from '../../contracts/durable.ts';

/** The effect: what fails for good is answered as data; what is thrown is tried again by the contract's policy. */
export type Effect<Contract extends ActivityContract> = (
  input: z.infer<Contract['input']>,
  tools: { durable: DurableClient; context: InvocationContext },
) => Promise<z.infer<Contract['output']>>;

/** Registers `effect` as the activity that `contract` declares. */
export function registerActivity<Contract extends ActivityContract>(
  contract: Contract,
  effect: Effect<Contract>,
): void {
  app.activity(contract.name, {
    extraInputs: [input.durableClient()],
    handler: async (raw: unknown, context: InvocationContext) => {
      const parsed = contract.input.parse(raw) as z.infer<Contract['input']>;
      return contract.output.parse(await effect(parsed, { durable: getClient(context), context }));
    },
  });
}
