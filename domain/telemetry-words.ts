/** The words telemetry may use: closed lists, and codes that can be no id, address or key. */
import { z } from 'zod';
import { StoreError } from './store-error.ts';
import { VendorError } from './vendor-error.ts';

/** Every activity by its registered name; contracts cannot declare one that is not in this list. */
export const activityNameSchema = z.enum([
  'acknowledgeOperation',
  'activatePurchase',
  'applySubscription',
  'beginErasures',
  'beginSubscriptionWork',
  'readSubscription',
  'reconcilePage',
  'revokeConsents',
  'weighOperation',
  'applyDirectory',
  'beginDirectory',
  'concludeDirectory',
  'dismissKeepers',
  'enrolPlaced',
  'letGo',
  'readDirectoryExtensions',
  'readDirectoryUsers',
  'startDirectorySync',
  'enrolUsers',
  'ensureGraphSubscription',
  'ensureRingCentralSubscription',
  'leaveUsers',
  'observeRingCentralPresence',
  'offerExport',
  'observeTeamsPresence',
  'probeRingCentralPresence',
  'probeTeamsPresence',
  'offerExport',
  'readNewcomers',
  'superviseSubscriptions',
  'writePresence',
  'tellRules',
  'concludeRules',
  'superviseRules',
  'lookAtQuietHours',
  'reconsiderUsers',
  'previewUsers',
  'forgetPreview',
  'beginErasure',
  'endTenantWork',
  'forgetTenantState',
  'purgeTenantWork',
  'eraseSecrets',
  'eraseFiles',
  'eraseRows',
  'erasePseudonymKey',
  'countLeft',
  'issueReceipt',
  'concludeErasure',
]);
export type ActivityName = z.infer<typeof activityNameSchema>;

export const vendorSchema = z.enum(['graph', 'ringCentral', 'keyVault', 'marketplace']);
export type Vendor = z.infer<typeof vendorSchema>;

/** What a call to a vendor is for. */
export const operationGroupSchema = z.enum([
  'presenceRead',
  'presenceWrite',
  'directoryRead',
  'subscription',
  'secretRead',
  'secretWrite',
  'fulfilment',
]);
export type OperationGroup = z.infer<typeof operationGroupSchema>;

const vendorFailures = [
  'throttled',
  'consentRevoked',
  'notFound',
  'conflict',
  'rejected',
  'unavailable',
] as const;
export const errorKindSchema = z.enum([...vendorFailures, 'misshapen', 'database', 'defect', 'other']);
export type ErrorKind = z.infer<typeof errorKindSchema>;

export const outcomeSchema = z.enum(['done', ...errorKindSchema.options]);
export type Outcome = z.infer<typeof outcomeSchema>;

const looksLikeAnId = [
  /[0-9a-f]{4}-[0-9a-f]{4}-/i,
  /\d{8}/,
  /(?=[A-Za-z]*\d)[A-Za-z0-9]{16}/,
  /[A-Za-z]{41}/,
];

/** A vendor's error code: words and numbers joined by dots, dashes and underscores, and nothing that could name anybody. */
export const vendorCodeSchema = z
  .string()
  .regex(/^(?=.{1,60}$)[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)*$/)
  .refine((text) => !looksLikeAnId.some((pattern) => pattern.test(text)))
  .brand<'VendorCode'>();
export type VendorCode = z.infer<typeof vendorCodeSchema>;

const otherCode = vendorCodeSchema.parse('other');

/** The text as a code; `other` where it is no plain code, because it might be about somebody. */
export function vendorCode(text: string): VendorCode {
  return vendorCodeSchema.safeParse(text).data ?? otherCode;
}

const defects: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** What went wrong, in one word; nothing of the error's own text, which may quote what it was about. */
export function errorKind(error: unknown): ErrorKind {
  if (error instanceof VendorError) return error.failure;
  if (error instanceof StoreError) return 'database';
  if (error instanceof z.ZodError) return 'misshapen';
  if (!(error instanceof Error)) return 'other';
  return defects.has(error.name) ? 'defect' : 'other';
}
