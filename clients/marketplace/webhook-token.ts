/** Tells the marketplace's webhooks from forged ones (SaaS fulfillment APIs v2, "Implementing a webhook on the SaaS service"). */
import { makeEntraTokenVerifier, type TokenFlaw } from '../entra-token.ts';
import { marketplaceResource } from './marketplace-answers.ts';

export interface WebhookTokenOptions {
  /** The sign-in service's origin, for example https://login.microsoftonline.com: where its signing keys are. */
  readonly authorityUrl: string;
  /** The publisher's Entra tenant, and the application of the offer's technical configuration. */
  readonly publisherTenantId: string;
  readonly clientId: string;
  readonly clock: () => Date;
}

/** Why a webhook is not the marketplace's: good for a counter, and for nothing that the sender gets to see. */
type WebhookFlaw = 'missing' | 'tenant' | 'application' | TokenFlaw;

type WebhookVerdict = { readonly kind: 'genuine' } | { readonly kind: 'forged'; readonly flaw: WebhookFlaw };

/**
 * Judges an Authorization header. Fails with `unavailable` while the signing keys cannot be had: the marketplace repeats
 * a webhook that is answered 503.
 */
export type VerifyWebhookToken = (authorization: string | null | undefined) => Promise<WebhookVerdict>;

/** An unknown key id makes the keys be fetched earlier, so this only bounds how long a withdrawn key is honoured. */
const keysMaxAgeMs = 60 * 60_000;

/** Webhooks say to end a service and its data, so nothing about their token is optional. */
export function makeWebhookTokenVerifier(options: WebhookTokenOptions): VerifyWebhookToken {
  const tenantId = options.publisherTenantId.toLowerCase();
  const authority = options.authorityUrl.replace(/\/+$/, '');
  const verify = makeEntraTokenVerifier({
    keysUrl: `${authority}/${tenantId}/discovery/v2.0/keys`,
    audience: options.clientId,
    clock: options.clock,
    keysMaxAgeMs,
  });
  return async (authorization) => {
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return forged('missing');
    const holder = await verify(token);
    if ('flaw' in holder) return forged(holder.flaw);
    if (holder.tenantId !== tenantId) return forged('tenant');
    return holder.applicationId === marketplaceResource ? { kind: 'genuine' } : forged('application');
  };
}

function forged(flaw: WebhookFlaw): WebhookVerdict {
  return { kind: 'forged', flaw };
}
