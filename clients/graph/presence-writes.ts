/** Writing presence to Graph: one by itself, several in a JSON batch (Microsoft Graph, "Combine multiple HTTP requests"). */
import { z } from 'zod';
import { isFailure, VendorError } from '../../domain/vendor-error.ts';
import { isSuccess, parseAnswer, type HttpAnswer } from '../http-answer.ts';
import { readableItems } from '../lenient.ts';
import { graphFailure, type SendToGraph } from './graph-transport.ts';

/** A write to the presence session of our own that Graph keeps for a user. */
export type PresenceWrite = { readonly userId: string } & (
  | {
      readonly kind: 'set';
      readonly availability: string;
      readonly activity: string;
      /** 5 to 240 (Microsoft Graph, presence: setPresence). */
      readonly durationMinutes: number;
    }
  /** Takes back what was set; that there is nothing (left) to take back is a success, too. */
  | { readonly kind: 'clear' }
);

/** Graph takes so many requests in a batch. */
export const mostPerBatch = 20;

/** How a batch is sent: as whom, as which application, and with which clock. */
interface Sender {
  getToken: () => Promise<string>;
  send: SendToGraph;
  clientId: string;
  clock: () => Date;
}

/**
 * Writes for at most 20 users. Answers for each, in their order, how it failed, or undefined where it was carried out. Within
 * a batch each may be throttled or fail by itself, with a wait of its own. Rejects with a `VendorError` when the whole call
 * failed, or the only write.
 */
export async function writePresences(
  sender: Sender,
  writes: readonly PresenceWrite[],
): Promise<(VendorError | undefined)[]> {
  const [first, ...others] = writes;
  if (first === undefined) return [];
  if (others.length === 0) {
    await writeAlone(sender, first);
    return [undefined];
  }
  const requests = writes.map((write, index) => ({
    id: String(index),
    ...requestOf(write, sender.clientId),
    headers: { 'Content-Type': 'application/json' },
  }));
  const sent = await sender.send(sender.getToken, {
    method: 'POST',
    path: '/$batch',
    body: { requests: requests.map(({ path, ...request }) => ({ ...request, url: path })) },
  });
  const answers = new Map(parseAnswer(batchAnswer, sent).responses.map((answer) => [answer.id, answer]));
  return Promise.all(
    writes.map(async (write, index) => {
      const answer = answers.get(String(index));
      // What the batch leaves out may have been carried out.
      if (answer === undefined) return new VendorError('unavailable', 'NoAnswerInBatch');
      // Its token may just have been withdrawn: by itself it gets another.
      if (answer.status === 401) return failureOf(() => writeAlone(sender, write));
      if (isSuccess(answer)) return undefined;
      return failureOf(() => pardoned(write, graphFailure(answer, sender.clock())));
    }),
  );
}

const batchAnswer = z.object({
  responses: readableItems(
    z
      .object({
        id: z.string(),
        status: z.int(),
        headers: z.record(z.string(), z.string()).catch({}),
        body: z.unknown().optional(),
      })
      .transform(({ id, status, headers, body }): HttpAnswer & { id: string } => ({
        id,
        status,
        headers: new Headers(headers),
        body: JSON.stringify(body ?? null),
      })),
  ),
});

async function writeAlone({ send, getToken, clientId }: Sender, write: PresenceWrite): Promise<void> {
  try {
    await send(getToken, requestOf(write, clientId));
  } catch (error) {
    pardoned(write, error);
  }
}

/** Throws what has failed, unless there was nothing to clear: then Graph answers 404 (presence: clearPresence). */
function pardoned(write: PresenceWrite, error: unknown): void {
  if (write.kind !== 'clear' || !isFailure(error, 'notFound')) throw error;
}

async function failureOf(attempt: () => Promise<void> | void): Promise<VendorError | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (error instanceof VendorError) return error;
    throw error;
  }
}

function requestOf(
  write: PresenceWrite,
  sessionId: string,
): { method: 'POST'; path: string; body: Record<string, string> } {
  const path = `/users/${encodeURIComponent(write.userId)}/presence`;
  if (write.kind === 'clear') {
    return { method: 'POST', path: `${path}/clearPresence`, body: { sessionId } };
  }
  const { availability, activity, durationMinutes } = write;
  const expirationDuration = `PT${durationMinutes}M`;
  const body = { sessionId, availability, activity, expirationDuration };
  return { method: 'POST', path: `${path}/setPresence`, body };
}
