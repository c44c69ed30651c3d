/** The check of a webhook address: RingCentral calls it while the request for the subscription waits. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import { post, realLimitMs } from '../deliveries.ts';
import { invalidParameters, refused } from './errors.ts';

/** How long a receiver may take, for the check and for each notification, in milliseconds. */
export const webhookLimitMs = 3000;
/** Headers and body of the answer together; source: RingCentral developer guide, "Creating webhooks". */
const largestAnswerBytes = 1024;

export const webhookHeaders = {
  'User-Agent': 'RingCentral-Webhook/8.3',
  'Content-Type': 'application/json; charset=UTF-8',
} as const;

/** @throws 400 CMN-101 when the address cannot be reached in time; 400 SUB-520, SUB-522 or SUB-525 for a wrong answer */
export async function shakeHands(clock: Clock, address: string): Promise<void> {
  if (!isAllowed(address)) throw invalidParameters('deliveryMode.address');
  const token = randomUUID();
  const headers = { ...webhookHeaders, 'Validation-Token': token };
  const answer = await post({ url: address, headers, body: '' }, realLimitMs(clock, webhookLimitMs));
  if (answer === undefined) throw invalidParameters('deliveryMode.address');
  if (answer.status !== 200) {
    throw refused(
      400,
      'SUB-522',
      `WebHook responds with incorrect HTTP status. HTTP status is ${answer.status}`,
    );
  }
  if (answer.headers.get('Validation-Token') !== token) {
    throw refused(400, 'SUB-520', 'WebHook does not return the validation token');
  }
  const isJson = answer.headers.get('Content-Type')?.startsWith('application/json') === true;
  if (!isJson || sizeOf(answer) > largestAnswerBytes) {
    throw refused(400, 'SUB-525', 'WebHook response is invalid: it must be JSON and not exceed 1024 bytes');
  }
}

/** HTTPS, or plain HTTP to this machine, which the real vendor could not reach. */
function isAllowed(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}

function sizeOf(answer: { readonly headers: Headers; readonly text: string }): number {
  const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.byteLength(lines.join('')) + Buffer.byteLength(answer.text);
}
