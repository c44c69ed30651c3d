/** Tells a customer the rules by which its people's presence is carried over, and takes other rules in. */
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { rulesRun } from '../contracts/sync-rules.ts';
import { StoreError } from '../domain/store-error.ts';
import { syncRulesSchema } from '../domain/sync-rules.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';
import { begin, nothingToChange, nothingToRead } from './customer-standing.ts';
import { readBody } from './read-body.ts';
import { rulesInForce } from './rules-in-force.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

const route = 'subscription/rules';

export function registerCustomerRules(dependencies: Dependencies): void {
  registerCustomerDoor(dependencies, 'customerRules', { method: 'GET', route }, async (tenantId) => {
    const refusal = await nothingToRead(dependencies, tenantId);
    return refusal ?? rulesInForce(dependencies.store, tenantId);
  });
  registerCustomerDoor(dependencies, 'changeRules', { method: 'PUT', route }, (tenantId, context, request) =>
    change(dependencies, { tenantId, context, request }),
  );
}

async function change(
  dependencies: Dependencies,
  { tenantId, context, request }: { tenantId: string; context: InvocationContext; request: HttpRequest },
): Promise<Answer> {
  const { store, clock, telemetry } = dependencies;
  const seen = versionSeen(request);
  if ('refusal' in seen) return seen.refusal;
  const read = await readBody(request, syncRulesSchema, 'The rules are not right.');
  if ('refusal' in read) return read.refusal;
  const refusal = await nothingToChange(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  try {
    const { version } = await store.syncRules.save(tenantId, read.body, { after: seen.version, at: clock() });
    const about = { telemetry, tenantId };
    const unbegun = await begin(getClient(context), about, rulesRun(tenantId, version));
    return unbegun ?? (await rulesInForce(store, tenantId));
  } catch (thrown) {
    if (thrown instanceof StoreError && thrown.failure === 'conflict') return overtaken();
    throw thrown;
  }
}

/** Which version the customer has changed; none where any will do. */
function versionSeen(request: HttpRequest): { version: number | undefined } | { refusal: Answer } {
  const header = request.headers.get('if-match');
  if (header === '*') return { version: undefined };
  const [, digits] = /^"(\d{1,9})"$/.exec(header ?? '') ?? [];
  if (digits !== undefined) return { version: Number(digits) };
  const errors = { 'if-match': 'must be the ETag of the rules that were changed, or *' };
  // RFC 6585, section 3.
  return header === null
    ? { refusal: problem(428, 'It is not said which version of the rules was changed.', errors) }
    : { refusal: problem(400, 'It is not said which version of the rules was changed.', errors) };
}

function overtaken(): Answer {
  return problem(412, 'The rules have been changed since. Read them again.', {
    'if-match': 'is not the version of the rules any more',
  });
}
