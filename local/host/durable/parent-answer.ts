/** What a parent is told at the end of its sub-orchestration. */
import type { Instance } from './instance.ts';
import type { OutgoingMessage, ParentLink } from './messages.ts';
import type { Outcome } from './outcome.ts';

/** Nothing for an instance that has no parent. */
export function answerParent({ parent }: Instance, outcome: Outcome): OutgoingMessage[] {
  if (!parent) return [];
  const { instanceId: to, executionId, taskId } = parent;
  if (outcome.kind === 'completed') {
    return [{ to, body: { kind: 'subOrchestrationCompleted', executionId, taskId, result: outcome.output } }];
  }
  const failure = outcome.kind === 'failed' ? outcome : { reason: '', failureDetails: null };
  return [failParent(parent, { details: '', ...failure })];
}

export function failParent(
  { instanceId: to, executionId, taskId }: ParentLink,
  failure: { readonly reason: string; readonly details: string | null; readonly failureDetails: unknown },
): OutgoingMessage {
  const { reason, details, failureDetails } = failure;
  return {
    to,
    body: { kind: 'subOrchestrationFailed', executionId, taskId, reason, details, failureDetails },
  };
}
