/** What an orchestration's decisions are made of, and what they are made from. */
import type { HistoryEvent, HistoryIndex } from './history.ts';
import type { Instance } from './instance.ts';
import type { ActivityTask, OutgoingMessage } from './messages.ts';
import type { Strictness } from './strictness.ts';

/** The name under which callHttp appears among the activities. */
export const httpActivityName = 'BuiltIn::HttpActivity';

export interface SubOrchestrationStart {
  readonly taskId: number;
  readonly instanceId: string;
  readonly name: string;
  readonly version: string | undefined;
  /** JSON text. */
  readonly input: string | null;
}

export interface Decisions {
  readonly events: HistoryEvent[];
  readonly messages: OutgoingMessage[];
  readonly activities: ActivityTask[];
  readonly subOrchestrations: SubOrchestrationStart[];
}

/** How messages name an orchestration. */
export function orchestratorLabel({ name, id }: Pick<Instance, 'name' | 'id'>): string {
  return `Orchestrator '${name}' (instance '${id}')`;
}

/** Which names the app registered. */
export interface KnownFunctions {
  hasActivity(name: string): boolean;
  hasOrchestrator(name: string): boolean;
  hasEntity(name: string): boolean;
}

export interface DecisionContext {
  readonly instance: Instance;
  readonly history: readonly HistoryEvent[];
  readonly index: HistoryIndex;
  readonly known: KnownFunctions;
  readonly strictness: Strictness;
  /** The episode's time, ms since 1970. */
  readonly now: number;
}
