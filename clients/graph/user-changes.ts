/** The users of a Microsoft directory as changes (Microsoft Graph, "user: delta", "Use delta query to track changes"). */
import { z } from 'zod';
import type { UserSaid } from '../../domain/directory-user.ts';
import { isFailure, VendorError } from '../../domain/vendor-error.ts';
import { parseAnswer } from '../http-answer.ts';
import { openText, readableItems, withoutUndefined } from '../lenient.ts';
import type { GraphTenant, Tokens } from '../tokens.ts';
import { unlessGone } from '../unless-gone.ts';
import { nextPath } from './graph-answers.ts';
import type { SendToGraph } from './graph-transport.ts';

export interface UserChanges {
  readonly said: readonly UserSaid[];
  /** Those whom the directory does not have any more. */
  readonly removedIds: readonly string[];
  /** Where to read on: at once where there is `more`, else when changes are wanted again. A path on Graph's own server. */
  readonly link: string;
  readonly more: boolean;
}

/** Both reject with a `VendorError`. */
export interface UserCalls {
  /** A page of changes from `link` on, or of everybody from the first page on; undefined where the link is too old. */
  readUserChanges(tenant: GraphTenant, link: string | undefined): Promise<UserChanges | undefined>;
  /** All that is kept of a user, in whole; undefined where the directory does not have them. */
  readUser(tenant: GraphTenant, userId: string): Promise<UserSaid | undefined>;
}

const fields = [
  'id',
  'displayName',
  'mail',
  'userPrincipalName',
  'givenName',
  'surname',
  'department',
  'jobTitle',
  'businessPhones',
  'accountEnabled',
  'userType',
  'assignedPlans',
].join(',');
const everybody = `/users/delta?$select=${fields}`;

/** Besides 410, what Graph says where a delta token has run out after its seven days, or for reasons of its own. */
const tooOld: ReadonlySet<string> = new Set(['syncStateNotFound', 'syncStateInvalid', 'resyncRequired']);

export function userCalls(baseUrl: string, tokens: Tokens, send: SendToGraph): UserCalls {
  const us = (tenant: GraphTenant) => () => tokens.graphApplication(tenant.microsoftTenantId);
  return {
    readUserChanges: async (tenant, link) => {
      try {
        const page = parseAnswer(
          changesPage,
          await send(us(tenant), { method: 'GET', path: link ?? everybody }),
        );
        return toChanges(baseUrl, page);
      } catch (error) {
        const isOld =
          isFailure(error, 'notFound') || (error instanceof VendorError && tooOld.has(error.code));
        if (link !== undefined && isOld) return undefined;
        throw error;
      }
    },
    readUser: (tenant, userId) =>
      unlessGone(async () => {
        const path = `/users/${encodeURIComponent(userId)}?$select=${fields}`;
        return toSaid(parseAnswer(user, await send(us(tenant), { method: 'GET', path })));
      }),
  };
}

/** Null means that there is none; what is absent has not changed. */
const maybe = z.string().nullish().catch(undefined);
const plan = z.object({ servicePlanId: z.string(), capabilityStatus: z.string() });
const user = z.object({
  id: z.string(),
  displayName: maybe,
  mail: maybe,
  userPrincipalName: maybe,
  givenName: maybe,
  surname: maybe,
  department: maybe,
  jobTitle: maybe,
  businessPhones: readableItems(z.string()).optional().catch(undefined),
  accountEnabled: z.boolean().nullish().catch(undefined),
  userType: maybe,
  assignedPlans: readableItems(plan).optional().catch(undefined),
});
const changesPage = z.object({
  value: readableItems(user.extend({ '@removed': z.unknown().optional() })),
  '@odata.nextLink': openText,
  '@odata.deltaLink': openText,
});

function toChanges(baseUrl: string, page: z.infer<typeof changesPage>): UserChanges {
  const next = nextPath(baseUrl, page['@odata.nextLink']);
  const link = next ?? nextPath(baseUrl, page['@odata.deltaLink']);
  if (link === undefined) throw new VendorError('unavailable', 'NoDeltaLink');
  const removed = page.value.filter((each) => each['@removed'] !== undefined);
  return {
    said: page.value.filter((each) => each['@removed'] === undefined).map(toSaid),
    removedIds: removed.map(({ id }) => id.toLowerCase()),
    link,
    more: next !== undefined,
  };
}

function toSaid({ id, ...said }: z.infer<typeof user>): UserSaid {
  const { '@removed': _removed, ...rest } = { '@removed': undefined, ...said };
  return { userId: id.toLowerCase(), ...withoutUndefined(rest) };
}
