/** Asks a notification URL to prove itself (Microsoft Graph, "Receive change notifications through webhooks"). */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import { post, realLimitMs } from '../deliveries.ts';
import { GraphError } from './graph-error.ts';

const limitMs = 10_000;

/** Resolves once the URL has answered 200 with the decoded token as plain text. @throws GraphError 400 */
export async function validateUrl(clock: Clock, url: string): Promise<void> {
  const token = `Validation: Testing client application reachability for subscription Request-Id: ${randomUUID()}`;
  const encoded = encodeURIComponent(token).replaceAll('%20', '+').replaceAll('%3A', '%3a');
  const separator = url.includes('?') ? '&' : '?';
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const answer = await post(
    { url: `${url}${separator}validationToken=${encoded}`, headers, body: '' },
    realLimitMs(clock, limitMs),
  );
  if (answer === undefined) throw refuse('Subscription validation request timed out.');
  if (answer.status !== 200) {
    throw refuse(
      `Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request, not ${answer.status}.`,
    );
  }
  const isText = answer.headers.get('content-type')?.toLowerCase().startsWith('text/plain') ?? false;
  if (!isText || answer.text !== token) {
    throw refuse(
      'Subscription validation request failed. Must respond with the validation token as text/plain.',
    );
  }
}

function refuse(message: string): GraphError {
  return new GraphError(400, 'InvalidRequest', message);
}
