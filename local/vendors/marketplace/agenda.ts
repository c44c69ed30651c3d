/** What falls due at the simulated marketplace; it outlasts a restart. */
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';

export type Task =
  /** Of a subscription. */
  | 'finishActivation'
  | 'expirePending'
  | 'endSuspension'
  | 'endTerm'
  /** Of an operation. */
  | 'finishCancellation'
  | 'acceptSilently';

interface Due {
  readonly task: Task;
  /** The subscription's or the operation's id. */
  readonly id: string;
  readonly at: number;
}

export class Agenda {
  readonly #clock: Clock;
  readonly #dues: Collection<Due>;
  readonly #run: (task: Task, id: string) => void;
  readonly #scheduled = new Map<string, Scheduled>();

  /** `run` does each task when it is due; it is not called from within the constructor. */
  constructor(clock: Clock, data: VendorData, run: (task: Task, id: string) => void) {
    this.#clock = clock;
    this.#dues = data.collection<Due>('agenda');
    this.#run = run;
    for (const due of this.#dues.all()) this.#schedule(due);
  }

  /** Takes the place of the same task for the same id. */
  put(task: Task, id: string, at: number): void {
    const due = { task, id, at };
    this.#dues.put(keyOf(task, id), due);
    this.#schedule(due);
  }

  cancel(task: Task, id: string): void {
    this.#dues.delete(keyOf(task, id));
    this.#scheduled.get(keyOf(task, id))?.cancel();
    this.#scheduled.delete(keyOf(task, id));
  }

  has(task: Task, id: string): boolean {
    return this.#dues.get(keyOf(task, id)) !== undefined;
  }

  close(): void {
    for (const scheduled of this.#scheduled.values()) scheduled.cancel();
    this.#scheduled.clear();
  }

  #schedule({ task, id, at }: Due): void {
    const key = keyOf(task, id);
    this.#scheduled.get(key)?.cancel();
    const run = (): void => {
      this.cancel(task, id);
      this.#run(task, id);
    };
    this.#scheduled.set(key, this.#clock.schedule(at, run));
  }
}

function keyOf(task: Task, id: string): string {
  return `${task}/${id}`;
}
