/** What Microsoft Graph answers, read leniently. */
import { z } from 'zod';
import { VendorError } from '../../domain/vendor-error.ts';
import { instant, openText, readableItems, withoutUndefined } from '../lenient.ts';

/** What Graph made of a creation or renewal. */
export const term = z
  .object({ id: z.string(), expirationDateTime: instant })
  .transform(({ id, expirationDateTime }) => ({ id, expiresAt: expirationDateTime }));

const subscription = z
  .object({
    id: z.string(),
    resource: z.string(),
    notificationUrl: z.string().catch(''),
    clientState: openText,
  })
  .transform(withoutUndefined);

export const subscriptionPage = z.object({ value: readableItems(subscription), '@odata.nextLink': openText });
export type SubscriptionPage = z.infer<typeof subscriptionPage>;

/** That the automatic reply is on; the person's text is left where it is (Graph, resource type outOfOfficeSettings). */
export const outOfOfficeSettings = z
  .object({ isOutOfOffice: z.literal(true) })
  .optional()
  .catch(undefined);

/** `PresenceUnknown` is Graph's own word for not knowing. */
const presence = z
  .object({
    id: z.string(),
    availability: z.string().catch('PresenceUnknown'),
    activity: z.string().catch('PresenceUnknown'),
    sequenceNumber: openText,
    outOfOfficeSettings,
  })
  .transform(({ id, outOfOfficeSettings: out, ...said }) => ({
    userId: id,
    ...withoutUndefined(said),
    ...out,
  }));
export const presencePage = z.object({ value: readableItems(presence) });

/** The next page as a path of our own server: the SDK would send the token wherever an absolute link points. */
export function nextPath(baseUrl: string, nextLink: string | undefined): string | undefined {
  if (nextLink === undefined) return undefined;
  const start = `${baseUrl.replace(/\/+$/, '')}/v1.0/`;
  if (!nextLink.startsWith(start)) throw new VendorError('unavailable', 'ForeignNextLink');
  return nextLink.slice(start.length - 1);
}
