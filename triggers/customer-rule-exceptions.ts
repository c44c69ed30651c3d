/** Lets a customer make, change and remove what is otherwise for one person than the rules say. */
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { exceptionRun } from '../contracts/sync-rules.ts';
import { StoreError } from '../domain/store-error.ts';
import { ruleExceptionSchema } from '../domain/sync-rules.ts';
import { mostExceptions } from '../store/rule-exceptions.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';
import { personAsked, unlessMapped } from './customer-person.ts';
import { begin, nothingToChange } from './customer-standing.ts';
import { readBody } from './read-body.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

interface Asked {
  tenantId: string;
  context: InvocationContext;
  request: HttpRequest;
}

const route = 'subscription/people/{userId}/rules';

export function registerCustomerRuleExceptions(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'makeException',
    { method: 'PUT', route },
    (tenantId, context, request) => make(dependencies, { tenantId, context, request }),
  );
  registerCustomerDoor(
    dependencies,
    'removeException',
    { method: 'DELETE', route },
    (tenantId, context, request) => remove(dependencies, { tenantId, context, request }),
  );
}

/** What no person's exception says; it would be no exception. */
const nothing = { body: 'must say what is otherwise; an exception is removed with DELETE' };

async function make(dependencies: Dependencies, { tenantId, context, request }: Asked): Promise<Answer> {
  const { store, clock, telemetry } = dependencies;
  const asked = personAsked(request);
  if ('refusal' in asked) return asked.refusal;
  const { userId } = asked;
  const read = await readBody(request, ruleExceptionSchema, 'The exception is not right.');
  if ('refusal' in read) return read.refusal;
  const { body: exception } = read;
  if (Object.keys(exception).length === 0) return problem(400, 'The exception says nothing.', nothing);
  const refusal =
    (await nothingToChange(dependencies, tenantId)) ?? (await unlessMapped(store, tenantId, userId));
  if (refusal !== undefined) return refusal;
  try {
    const number = await store.ruleExceptions.save(tenantId, userId, exception, clock());
    const run = exceptionRun(tenantId, number, userId);
    const unbegun = await begin(getClient(context), { telemetry, tenantId }, run);
    return unbegun ?? { jsonBody: { userId, exception, version: number } };
  } catch (thrown) {
    if (!(thrown instanceof StoreError && thrown.failure === 'conflict')) throw thrown;
    return problem(409, `There are ${mostExceptions} exceptions, and there can be no more.`);
  }
}

/** Also of who is mapped no more, so that nothing of them has to stay. */
async function remove(dependencies: Dependencies, { tenantId, context, request }: Asked): Promise<Answer> {
  const { store, clock, telemetry } = dependencies;
  const asked = personAsked(request);
  if ('refusal' in asked) return asked.refusal;
  const { userId } = asked;
  const refusal = await nothingToChange(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const number = await store.ruleExceptions.remove(tenantId, userId, clock());
  if (number === undefined) return problem(404, 'There is no exception for this person.');
  const run = exceptionRun(tenantId, number, userId);
  return (await begin(getClient(context), { telemetry, tenantId }, run)) ?? { status: 204 };
}
