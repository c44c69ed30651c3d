/** What the operator's pages are made from. */
import type { DurableClient } from '../durable/client.ts';
import type { KeyRing } from '../http/keys.ts';
import type { Worker } from '../worker/worker.ts';
import type { Session } from './sessions.ts';

export interface FaceParts {
  readonly worker: Worker;
  readonly keys: KeyRing;
  readonly client: DurableClient;
  readonly routePrefix: string;
  readonly url: string;
  readonly port: number;
}

/** What a page is made from. */
export interface View {
  readonly face: FaceParts;
  readonly session: Session | undefined;
  readonly query: URLSearchParams;
  /** Whether inputs, outputs and states may be shown: asked for, and with the master key. */
  readonly payloads: boolean;
  /** This page's own path and query, without a key. */
  readonly at: string;
}
