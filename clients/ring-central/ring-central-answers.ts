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

const paged = {
  navigation: z
    .object({ nextPage: z.looseObject({}).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  paging: z
    .object({ totalPages: z.number().catch(0) })
    .optional()
    .catch(undefined),
};

export const presencePage = z.object({
  records: readableItems(z.looseObject({ extension: z.object({ id: idText }) })),
  ...paged,
});

export function toPage(said: z.infer<typeof presencePage>, page: number) {
  const presences = said.records.map((record) => presenceOf(record.extension.id, record));
  const nextPage = nextPageOf(said, page);
  return nextPage === undefined ? { records: presences } : { records: presences, nextPage };
}

/** RingCentral may leave out either its links or its totals. */
export function nextPageOf(
  {
    records,
    navigation,
    paging,
  }: Pick<z.infer<typeof presencePage>, 'navigation' | 'paging'> & { records: unknown[] },
  page: number,
): number | undefined {
  if (records.length === 0) return undefined;
  const hasMore = navigation?.nextPage !== undefined || page < (paging?.totalPages ?? 0);
  return hasMore ? page + 1 : undefined;
}

/** The types of extension that are people; the others never have presence (RingCentral API reference, "List extensions"). */
export const personTypes = ['User', 'DigitalUser', 'VirtualUser', 'FlexibleUser'] as const;

const extension = z.object({
  id: idText,
  type: z.string().catch('Unknown'),
  status: z.string().catch('Unknown'),
  extensionNumber: openText,
  name: openText,
  contact: z
    .object({ email: openText, businessPhone: openText })
    .catch({ email: undefined, businessPhone: undefined }),
});
export const extensionPage = z.object({ records: readableItems(extension), ...paged });

/** An extension of somebody's. */
export interface RingCentralExtension {
  readonly extensionId: string;
  readonly extensionNumber: string | null;
  readonly name: string;
  readonly mail: string | null;
  /** The direct number. */
  readonly phone: string | null;
}

/** What was asked for is not always all that comes. */
export function isOfPerson({ type, status }: z.infer<typeof extension>): boolean {
  return status === 'Enabled' && personTypes.some((each) => each === type);
}

export function toExtension(said: z.infer<typeof extension>): RingCentralExtension {
  const { email, businessPhone } = said.contact;
  return {
    extensionId: said.id,
    extensionNumber: said.extensionNumber ?? null,
    name: said.name ?? '',
    mail: email ?? null,
    // RingCentral's numbers are international, though some come without the plus.
    phone: businessPhone?.replace(/^(?=\d{11,15}$)/, '+') ?? null,
  };
}

const count = z.coerce.number().int().nonnegative().max(100_000);
const windowSeconds = z.coerce.number().int().positive().max(86_400);
/** What lies beyond all sense is taken for not told. */
export const budgetHeaders = z
  .object({
    'x-rate-limit-limit': count,
    'x-rate-limit-remaining': count,
    'x-rate-limit-window': windowSeconds,
  })
  .transform((headers) => ({
    limit: headers['x-rate-limit-limit'],
    remaining: headers['x-rate-limit-remaining'],
    windowSeconds: headers['x-rate-limit-window'],
  }));
