/** How presence changes: by the API's PUT, with its strict body, and by the person themselves. */
import { z } from 'zod';
import { invalidParameters } from './errors.ts';
import { presenceSchema, type ActiveCall, type Presence } from './presence.ts';

/** PresenceInfoRequest of the API reference: every field optional, none other known. */
const presenceRequestSchema = z.strictObject({
  userStatus: z.enum(['Offline', 'Busy', 'Available']).optional(),
  dndStatus: z
    .enum(['TakeAllCalls', 'DoNotAcceptDepartmentCalls', 'TakeDepartmentCallsOnly', 'DoNotAcceptAnyCalls'])
    .optional(),
  dndStatusPersonal: z.enum(['TakeAllCalls', 'DoNotAcceptAnyCalls']).optional(),
  acceptCallQueueCalls: z.boolean().optional(),
  message: z.string().max(75).optional(),
  allowSeeMyPresence: z.boolean().optional(),
  callerIdVisibility: z.enum(['All', 'None', 'PermittedUsers']).optional(),
  ringOnMonitoredCall: z.boolean().optional(),
  pickUpCallsOnHold: z.boolean().optional(),
});

export type PresenceRequest = z.infer<typeof presenceRequestSchema>;

/** What a person may do outside the API; any text is taken, so that values nobody knows yet can be tried. */
export const personPresenceSchema = presenceSchema.partial().strict();

export type PersonPresence = z.infer<typeof personPresenceSchema>;

/** Names of the fields that a zod error complains about, unknown ones included. */
export function namesOfIssues(error: z.ZodError): string[] {
  const names = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => [...issue.path, key].join('.'))
      : [issue.path.join('.') || 'body'],
  );
  return [...new Set(names)];
}

/** Parses the body of PUT presence; throws 400 CMN-101 that names each bad field. */
export function parsePresenceRequest(body: unknown): PresenceRequest {
  const parsed = presenceRequestSchema.safeParse(body);
  if (!parsed.success) throw invalidParameters(...namesOfIssues(parsed.error));
  return parsed.data;
}

const queueValues: readonly string[] = ['DoNotAcceptDepartmentCalls', 'TakeDepartmentCallsOnly'];

/**
 * The presence after a PUT. Accounts with the new call handling ignore `dndStatus` ("not applicable" in the API
 * reference) and take `dndStatusPersonal` and `acceptCallQueueCalls`; the others the reverse.
 * Throws 400 CMN-101 for a queue setting of somebody who is in no call queue.
 */
export function applyRequest(
  presence: Presence,
  request: PresenceRequest,
  of: { readonly newCallHandling: boolean; readonly queueMember: boolean },
): Presence {
  const { dndStatus, dndStatusPersonal, acceptCallQueueCalls, ...plain } = request;
  const changed = { ...presence, ...given(plain) };
  if (of.newCallHandling) {
    if (acceptCallQueueCalls === false && !of.queueMember) throw invalidParameters('acceptCallQueueCalls');
    return withDerivedDnd({ ...changed, ...given({ dndStatusPersonal, acceptCallQueueCalls }) });
  }
  if (dndStatus === undefined) return changed;
  if (queueValues.includes(dndStatus) && !of.queueMember) throw invalidParameters('dndStatus');
  return { ...changed, dndStatus };
}

/** The presence after something the person did; on new accounts a `dndStatus` is split into its two halves. */
export function applyPerson(
  presence: Presence,
  person: PersonPresence,
  of: { readonly newCallHandling: boolean; readonly newCall: (telephonyStatus: string) => ActiveCall },
): Presence {
  const { activeCalls, ...rest } = person;
  const calls = activeCalls ?? callsFor(presence, person.telephonyStatus, of.newCall);
  const changed: Presence = { ...presence, ...given(rest), activeCalls: [...calls] };
  if (!of.newCallHandling) return changed;
  return withDerivedDnd({
    ...changed,
    ...given(person.dndStatus === undefined ? {} : halvesOf(person.dndStatus)),
    ...given(rest),
  });
}

function callsFor(
  presence: Presence,
  telephonyStatus: string | undefined,
  newCall: (telephonyStatus: string) => ActiveCall,
): readonly ActiveCall[] {
  if (telephonyStatus === undefined) return presence.activeCalls;
  if (telephonyStatus === 'NoCall') return [];
  if (presence.activeCalls.length === 0) return [newCall(telephonyStatus)];
  return presence.activeCalls.map((call) => ({ ...call, telephonyStatus }));
}

function halvesOf(dndStatus: string): Partial<Presence> {
  if (dndStatus === 'DoNotAcceptAnyCalls') return { dndStatusPersonal: dndStatus };
  return {
    dndStatusPersonal: 'TakeAllCalls',
    acceptCallQueueCalls: dndStatus !== 'DoNotAcceptDepartmentCalls',
  };
}

/** New call handling: the state "dnd" shows in both fields; without it `dndStatus` tells about queue calls only. */
function withDerivedDnd(presence: Presence): Presence {
  if (presence.dndStatusPersonal !== 'TakeAllCalls')
    return { ...presence, dndStatus: presence.dndStatusPersonal };
  return {
    ...presence,
    dndStatus: presence.acceptCallQueueCalls ? 'TakeAllCalls' : 'DoNotAcceptDepartmentCalls',
  };
}

/** Only what is there: an optional field that is undefined must not erase what stands. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
