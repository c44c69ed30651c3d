/** The person that a customer asks about: one of theirs, by the Entra object id in the address. */
import type { HttpRequest } from '@azure/functions';
import { userIdSchema } from '../contracts/identities.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';

/** The id in the address, or the refusal where it can be nobody's. */
export function personAsked(request: HttpRequest): { userId: string } | { refusal: Answer } {
  const userId = userIdSchema.safeParse(request.params['userId']).data;
  return userId === undefined ? { refusal: nobody() } : { userId };
}

/** The person with this id is mapped, with a seat or without; else the refusal. */
export async function unlessMapped(
  store: Store,
  tenantId: string,
  userId: string,
): Promise<Answer | undefined> {
  const mapped = await store.mappings.ofUsers(tenantId, [userId]);
  return mapped.length === 0 ? nobody() : undefined;
}

function nobody(): Answer {
  return problem(404, 'Nobody is looked after under this id.', {
    userId: 'must be the Entra object id of somebody who is mapped to an extension',
  });
}
