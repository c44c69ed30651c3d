/** What RingCentral answers, read leniently. */
import { z } from 'zod';
import { instant, openText, readableItems, withoutUndefined } from '../lenient.ts';
import { idText, presenceOf } from './ring-central-presence.ts';

export const subscription = z.object({
  id: idText,
  status: z.string().catch('Unknown'),
  expirationTime: instant.optional().catch(undefined),
  expiresIn: z.number().catch(0),
  deliveryMode: z.object({ address: z.string().catch('') }).catch({ address: '' }),
  eventFilters: z.array(z.string()).catch([]),
  disabledFilters: readableItems(z.object({ filter: z.string(), reason: openText })).catch([]),
});
export const subscriptionList = z.object({ records: readableItems(subscription) });

/** A subscription as of `now`: its end is told as a time or as what remains. */
export function toSubscription(said: z.infer<typeof subscription>, now: Date) {
  return {
    id: said.id,
    status: said.status,
    expiresAt: said.expirationTime ?? new Date(now.getTime() + said.expiresIn * 1000),
    address: said.deliveryMode.address,
    eventFilters: said.eventFilters,
    disabledFilters: said.disabledFilters.map(withoutUndefined),
  };
}

export const presencePage = z.object({
  records: readableItems(z.looseObject({ extension: z.object({ id: idText }) })),
  navigation: z
    .object({ nextPage: z.looseObject({}).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  paging: z
    .object({ totalPages: z.number().catch(0) })
    .optional()
    .catch(undefined),
});

export function toPage({ records, navigation, paging }: z.infer<typeof presencePage>, page: number) {
  const presences = records.map((record) => presenceOf(record.extension.id, record));
  if (records.length === 0) return { records: presences };
  const hasMore = navigation?.nextPage !== undefined || page < (paging?.totalPages ?? 0);
  return hasMore ? { records: presences, nextPage: page + 1 } : { records: presences };
}

const count = z.coerce.number().int().nonnegative();
export const budgetHeaders = z
  .object({
    'x-rate-limit-limit': count,
    'x-rate-limit-remaining': count,
    'x-rate-limit-window': count,
  })
  .transform((headers) => ({
    limit: headers['x-rate-limit-limit'],
    remaining: headers['x-rate-limit-remaining'],
    windowSeconds: headers['x-rate-limit-window'],
  }));
