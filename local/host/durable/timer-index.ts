/** Which durable timers an orchestration has set, so that those it no longer waits for can be taken back. */
import type { StoredMessage } from './messages.ts';

export class TimerIndex {
  readonly #byInstance = new Map<string, Map<string, number>>();

  add(message: StoredMessage): void {
    if (message.body.kind !== 'timerFired') return;
    const timers = this.#byInstance.get(message.to) ?? new Map<string, number>();
    timers.set(keyOf(message.body.executionId, message.body.timerId), message.seq);
    this.#byInstance.set(message.to, timers);
  }

  remove(message: StoredMessage): void {
    if (message.body.kind !== 'timerFired') return;
    this.forget(message.to, message.body.executionId, message.body.timerId);
  }

  forget(instanceId: string, executionId: string, timerId: number): void {
    const timers = this.#byInstance.get(instanceId);
    timers?.delete(keyOf(executionId, timerId));
    if (timers?.size === 0) this.#byInstance.delete(instanceId);
  }

  /** The message of one timer that has not fired. */
  find(instanceId: string, executionId: string, timerId: number): number | undefined {
    return this.#byInstance.get(instanceId)?.get(keyOf(executionId, timerId));
  }

  /** The messages of all timers of an instance that have not fired. */
  allOf(instanceId: string): number[] {
    return [...(this.#byInstance.get(instanceId)?.values() ?? [])];
  }

  forgetAll(instanceId: string): void {
    this.#byInstance.delete(instanceId);
  }
}

function keyOf(executionId: string, timerId: number): string {
  return `${executionId}:${timerId}`;
}
