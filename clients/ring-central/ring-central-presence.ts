/** The one shape of a RingCentral presence, as the API answers it and as events carry it. */
import { z } from 'zod';
import { openText, withoutUndefined } from '../lenient.ts';

/** All values are open strings: RingCentral adds some and drops some. What RingCentral did not say is absent. */
export interface RingCentralPresence {
  readonly extensionId: string;
  /** What the person chose: `Available`, `Busy`, `Offline`. */
  readonly userStatus?: string;
  /** `TakeAllCalls`, `DoNotAcceptAnyCalls`, `DoNotAcceptDepartmentCalls`, `TakeDepartmentCallsOnly`, `Unknown`. */
  readonly dndStatus?: string;
  /** In place of `dndStatus` on accounts with the new call handling: `TakeAllCalls`, `DoNotAcceptAnyCalls`. */
  readonly dndStatusPersonal?: string;
  /** What those accounts have in place of `DoNotAcceptDepartmentCalls`. */
  readonly acceptCallQueueCalls?: boolean;
  /** `NoCall`, `Ringing`, `CallConnected`, `OnHold`, `ParkedCall`. Events carry it only when it changed. */
  readonly telephonyStatus?: string;
  /** `Connected`, `Disconnected`. */
  readonly meetingStatus?: string;
}

/** Ids come as numbers in some answers and as strings in others. */
export const idText = z.union([z.string().min(1), z.number().transform(String)]);

const statuses = z.object({
  userStatus: openText,
  dndStatus: openText,
  dndStatusPersonal: openText,
  acceptCallQueueCalls: z.boolean().optional().catch(undefined),
  telephonyStatus: openText,
  meetingStatus: openText,
});

/** Reads the statuses out of an answer or an event body that belongs to this extension. */
export function presenceOf(extensionId: string, said: unknown): RingCentralPresence {
  const { data = {} } = statuses.safeParse(said);
  return { extensionId, ...withoutUndefined(data) };
}
