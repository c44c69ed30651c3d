/** What Microsoft Graph posts: batches of presence changes and lifecycle events, and the proof that Graph sent them. */
import { z } from 'zod';
import { parseJson } from '../http-answer.ts';
import { openText, withoutUndefined } from '../lenient.ts';
import { makeDecryptor, type NotificationCertificate } from './encrypted-content.ts';
import type { GraphPresence } from './graph-client.ts';
import { outOfOfficeSettings } from './graph-answers.ts';
import { watchedUserIds } from './presence-filter.ts';
import {
  makeValidationTokenVerifier,
  type ValidationTokensOptions,
  type VerifyValidationTokens,
} from './validation-tokens.ts';

/** Tenants and users are named in lower case. */
export interface GraphChange {
  readonly subscriptionId: string;
  readonly clientState?: string;
  /** The Entra tenant. */
  readonly microsoftTenantId?: string;
  /** Absent when only the encrypted content names the user. */
  readonly userId?: string;
  /** For `decrypt`; absent in basic notifications. */
  readonly encryptedContent?: unknown;
}

export interface GraphLifecycleEvent {
  /** `reauthorizationRequired`, `subscriptionRemoved`, `missed` or something newer. */
  readonly lifecycleEvent: string;
  readonly subscriptionId: string;
  readonly clientState?: string;
  readonly microsoftTenantId?: string;
}

/** One POST may mix subscriptions, tenants and both kinds of items. */
export interface GraphNotificationBatch {
  readonly changes: readonly GraphChange[];
  readonly lifecycleEvents: readonly GraphLifecycleEvent[];
  readonly validationTokens: readonly string[];
}

interface DecryptedPresence extends Omit<GraphPresence, 'userId'> {
  readonly userId?: string;
}

export interface NotificationReader {
  /**
   * The Entra tenants that the tokens of a batch vouch for; undefined when there are none or any of them is not good.
   * Rejects with `unavailable` when the signing keys cannot be had: answer 5xx, so that Graph sends the batch again.
   */
  verifyValidationTokens: VerifyValidationTokens;
  /** Undefined when it is not for our certificates, not signed with its own key, or no presence. */
  decrypt(encryptedContent: unknown): DecryptedPresence | undefined;
}

export interface NotificationReaderOptions extends ValidationTokensOptions {
  readonly certificates: readonly NotificationCertificate[];
}

export function makeNotificationReader(options: NotificationReaderOptions): NotificationReader {
  const open = makeDecryptor(options.certificates);
  return {
    verifyValidationTokens: makeValidationTokenVerifier(options),
    decrypt: (encryptedContent) => {
      const content = open(encryptedContent);
      return content === undefined ? undefined : decryptedPresence.safeParse(parseJson(content)).data;
    },
  };
}

/** Undefined when the body is no batch at all; items that cannot be read are left out. */
export function readNotificationBatch(body: unknown): GraphNotificationBatch | undefined {
  const { data: batch } = batchBody.safeParse(body);
  if (batch === undefined) return undefined;
  const changes: GraphChange[] = [];
  const lifecycleEvents: GraphLifecycleEvent[] = [];
  for (const posted of batch.value) {
    const { data: item } = anyItem.safeParse(posted);
    if (item === undefined) continue;
    if (item.lifecycleEvent === undefined) changes.push(toChange(item));
    else lifecycleEvents.push(toLifecycleEvent(item, item.lifecycleEvent));
  }
  return { changes, lifecycleEvents, validationTokens: batch.validationTokens };
}

const batchBody = z.object({
  value: z.array(z.unknown()),
  validationTokens: z.array(z.string()).catch([]),
});

const anyItem = z.object({
  subscriptionId: z.string().min(1),
  clientState: openText,
  tenantId: openText,
  organizationId: openText,
  lifecycleEvent: openText,
  resource: openText,
  resourceData: z.object({ id: openText, '@odata.id': openText }).optional().catch(undefined),
  encryptedContent: z.looseObject({}).optional().catch(undefined),
});
type Item = z.infer<typeof anyItem>;

function toChange(item: Item): GraphChange {
  return withoutUndefined({
    subscriptionId: item.subscriptionId,
    clientState: item.clientState,
    microsoftTenantId: tenantIdOf(item),
    userId: userIdOf(item.resourceData?.id, item.resourceData?.['@odata.id'], item.resource),
    encryptedContent: item.encryptedContent,
  });
}

function toLifecycleEvent(item: Item, lifecycleEvent: string): GraphLifecycleEvent {
  return withoutUndefined({
    lifecycleEvent,
    subscriptionId: item.subscriptionId,
    clientState: item.clientState,
    microsoftTenantId: tenantIdOf(item),
  });
}

function tenantIdOf({ tenantId, organizationId }: Item): string | undefined {
  return (tenantId ?? organizationId)?.toLowerCase();
}

/** The id is not always where the documentation shows it: first `resourceData.id`, then its `@odata.id`, then `resource`. */
function userIdOf(
  id: string | undefined,
  odataId: string | undefined,
  resource: string | undefined,
): string | undefined {
  if (id !== undefined && id !== '') return id.toLowerCase();
  for (const path of [odataId, resource]) {
    if (path === undefined) continue;
    const found = /users(?:\/|\(')([^/']+)/i.exec(path)?.[1] ?? watchedUserIds(path)?.[0];
    if (found !== undefined) return found.toLowerCase();
  }
  return undefined;
}

const decryptedPresence = z
  .object({
    id: openText,
    '@odata.id': openText,
    availability: z.string(),
    activity: z.string(),
    sequenceNumber: openText,
    outOfOfficeSettings,
  })
  .transform(({ id, '@odata.id': odataId, outOfOfficeSettings: out, ...said }): DecryptedPresence =>
    withoutUndefined({ userId: userIdOf(id, odataId, undefined), ...said, ...out }),
  );
