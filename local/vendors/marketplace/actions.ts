/** Which actions wait for the publisher, and how it may answer (SaaS fulfillment APIs v2, "Webhook"). */
import type { Action } from './model.ts';

/** Changes of what is bought: the publisher may refuse them, by PATCH or by answering the webhook with 4xx. */
export function answersByRefusing(action: Action): action is 'ChangePlan' | 'ChangeQuantity' {
  return action === 'ChangePlan' || action === 'ChangeQuantity';
}

/** Whether it is done only once the publisher has heard of it. */
export function waitsForAnswer(action: Action): boolean {
  return answersByRefusing(action) || action === 'Reinstate';
}

/** A status by which the publisher declines a change. */
export function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500;
}
