/** Tells a customer which versions of the rules are kept, and brings one back: as a new version that is equal to it. */
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { z } from 'zod';
import { rulesRun } from '../contracts/sync-rules.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';
import { begin, nothingToChange, nothingToRead } from './customer-standing.ts';
import { readBody } from './read-body.ts';
import { rulesInForce, wholeRules } from './rules-in-force.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

export function registerCustomerRulesVersions(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'customerRulesVersions',
    { method: 'GET', route: 'subscription/rules/versions' },
    (tenantId) => list(dependencies, tenantId),
  );
  registerCustomerDoor(
    dependencies,
    'rollBackRules',
    { method: 'POST', route: 'subscription/rules/rollback' },
    (tenantId, context, request) => rollBack(dependencies, { tenantId, context, request }),
  );
}

async function list(dependencies: Dependencies, tenantId: string): Promise<Answer> {
  const refusal = await nothingToRead(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const versions = await dependencies.store.syncRules.versions(tenantId);
  return {
    jsonBody: {
      versions: versions.map(({ version, savedAt, restored, rules }) => ({
        version,
        savedAt: savedAt.toISOString(),
        restored: restored ?? null,
        rules: wholeRules(rules),
      })),
    },
  };
}

const bodySchema = z.strictObject({ version: z.int32().positive() });

async function rollBack(
  dependencies: Dependencies,
  { tenantId, context, request }: { tenantId: string; context: InvocationContext; request: HttpRequest },
): Promise<Answer> {
  const { store, clock, telemetry } = dependencies;
  const read = await readBody(request, bodySchema, 'It is not said which version.');
  if ('refusal' in read) return read.refusal;
  const refusal = await nothingToChange(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const earlier = await store.syncRules.find(tenantId, read.body.version);
  if (earlier === undefined) {
    return problem(404, 'There is no such version.', { version: 'must be one that is kept' });
  }
  const restored = { at: clock(), restored: earlier.version };
  const { version } = await store.syncRules.save(tenantId, earlier.rules, restored);
  const unbegun = await begin(getClient(context), { telemetry, tenantId }, rulesRun(tenantId, version));
  return unbegun ?? (await rulesInForce(store, tenantId));
}
