/** Event filters of webhook subscriptions: reading them, resolving `~`, and telling what they match. */

export interface FilterOwner {
  readonly accountId: string;
  readonly extensionId: string;
}

/** What a filter asks for. `extensionId` is missing when it speaks of the whole account. */
export interface EventFilter {
  readonly kind: 'presence' | 'dnd' | 'extension' | 'directory' | 'reminder';
  /** A leading `!` takes events out that another filter lets in. */
  readonly negated: boolean;
  readonly accountId: string;
  readonly extensionId?: string;
  readonly detailed: boolean;
  /** The filter with `~` replaced by the ids of the owner. */
  readonly text: string;
  /** Of a reminder: seconds before the end at which reminders begin, and seconds between them. */
  readonly reminder?: { readonly threshold: number; readonly interval: number };
}

interface Shape {
  readonly kind: EventFilter['kind'];
  readonly path: RegExp;
  readonly query: readonly string[];
}

const account = String.raw`/restapi/v1\.0/account/(?<account>~|\d+)`;
const extension = String.raw`/extension/(?<extension>~|\d+)`;
const presenceQuery = ['detailedTelephonyState', 'sipData'];

/** Source: RingCentral developer guide, "Event filters". */
const shapes: readonly Shape[] = [
  { kind: 'presence', path: new RegExp(`^${account}(${extension})?/presence$`), query: presenceQuery },
  { kind: 'dnd', path: new RegExp(`^${account}${extension}/presence/dnd$`), query: [] },
  { kind: 'extension', path: new RegExp(`^${account}/extension(/(?<extension>~|\\d+))?$`), query: [] },
  { kind: 'directory', path: new RegExp(`^${account}/directory/entries$`), query: [] },
  { kind: 'reminder', path: /^\/restapi\/v1\.0\/subscription\/~$/, query: ['threshold', 'interval'] },
];

/** Reads one filter as its owner means it; undefined when RingCentral knows no such filter. */
export function parseFilter(filter: string, owner: FilterOwner): EventFilter | undefined {
  const negated = filter.startsWith('!');
  const [path = '', query = '', ...more] = (negated ? filter.slice(1) : filter).split('?');
  const shape = shapes.find((shape) => shape.path.test(path));
  const parameters = new URLSearchParams(query);
  if (shape === undefined || more.length > 0) return undefined;
  if ([...parameters.keys()].some((key) => !shape.query.includes(key))) return undefined;
  const reminder = shape.kind === 'reminder' ? parseReminder(parameters) : undefined;
  if (shape.kind === 'reminder' && reminder === undefined) return undefined;
  const { accountId, extensionId } = targetOf(shape.path.exec(path)?.groups ?? {}, owner);
  return {
    kind: shape.kind,
    negated,
    accountId,
    ...(extensionId === undefined ? {} : { extensionId }),
    detailed: parameters.get('detailedTelephonyState') === 'true',
    text: resolve(filter, accountId, extensionId),
    ...(reminder === undefined ? {} : { reminder }),
  };
}

type Target = Pick<EventFilter, 'accountId' | 'extensionId'>;

/** `~` is the owner's, and never "all". */
function targetOf(groups: Readonly<Record<string, string | undefined>>, owner: FilterOwner): Target {
  const { account = '~', extension } = groups;
  const accountId = account === '~' ? owner.accountId : account;
  if (extension === undefined) return { accountId };
  return { accountId, extensionId: extension === '~' ? owner.extensionId : extension };
}

function resolve(filter: string, accountId: string, extensionId: string | undefined): string {
  const withAccount = filter.replace('/account/~', `/account/${accountId}`);
  if (extensionId === undefined) return withAccount;
  return withAccount.replace('/extension/~', `/extension/${extensionId}`);
}

function parseReminder(parameters: URLSearchParams): { threshold: number; interval: number } | undefined {
  const threshold = Number(parameters.get('threshold'));
  const interval = Number(parameters.get('interval'));
  if (!Number.isInteger(threshold) || !Number.isInteger(interval)) return undefined;
  return threshold > 0 && interval > 0 ? { threshold, interval } : undefined;
}

function concerns(filter: EventFilter, owner: FilterOwner): boolean {
  if (filter.accountId !== owner.accountId) return false;
  return filter.extensionId === undefined || filter.extensionId === owner.extensionId;
}

/** The way one subscription wants to hear of a presence change of one extension. */
export interface PresenceInterest {
  readonly presence?: 'basic' | 'detailed';
  readonly dnd: boolean;
}

/** With both a basic and a detailed filter only the detailed event is sent (developer guide, presence events). */
export function presenceInterest(filters: readonly EventFilter[], extension: FilterOwner): PresenceInterest {
  const matching = filters.filter((filter) => concerns(filter, extension));
  const wanted = (kind: EventFilter['kind']): readonly EventFilter[] => {
    const ofKind = matching.filter((filter) => filter.kind === kind);
    return ofKind.some((filter) => filter.negated) ? [] : ofKind;
  };
  const presence = wanted('presence');
  const dnd = wanted('dnd').length > 0;
  if (presence.length === 0) return { dnd };
  return { presence: presence.some((filter) => filter.detailed) ? 'detailed' : 'basic', dnd };
}
