/** How an activity is registered under its contract: parsed input in, parsed output out, and failures told. */
import type { InvocationContext } from '@azure/functions';
import { app, getClient, input, type DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { ActivityContract } from '../../contracts/durable.ts';
import { tenantIdSchema } from '../../contracts/identities.ts';
import { errorKind } from '../../domain/telemetry-words.ts';
import type { Telemetry } from '../../domain/telemetry.ts';

/** The effect: what fails for good is answered as data; what is thrown is tried again by the contract's policy. */
export type Effect<Contract extends ActivityContract> = (
  input: z.infer<Contract['input']>,
  tools: { durable: DurableClient; telemetry: Telemetry },
) => Promise<z.infer<Contract['output']>>;

const ofTenant = z.object({ tenantId: tenantIdSchema });

/** Registers `effect` as the activity that `contract` declares. */
export function registerActivity<Contract extends ActivityContract>(
  telemetry: Telemetry,
  contract: Contract,
  effect: Effect<Contract>,
): void {
  app.activity(contract.name, {
    extraInputs: [input.durableClient()],
    handler: async (raw: unknown, context: InvocationContext) => {
      try {
        const parsed = contract.input.parse(raw) as z.infer<Contract['input']>;
        return contract.output.parse(await effect(parsed, { durable: getClient(context), telemetry }));
      } catch (error) {
        const kind = errorKind(error);
        telemetry.record('activityFailed', { activity: contract.name, kind }, ofTenant.safeParse(raw).data);
        throw error;
      }
    },
  });
}
