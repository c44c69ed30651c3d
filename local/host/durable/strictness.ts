/** Holds an app to the rules of strict mode, or lets it run into what Azure does. */
import type { HostLog } from '../log.ts';
import { complaint } from './strict-rules.ts';
import type { Mode, StrictRuleId } from './strict-rules.ts';

/** An app relies on what does not work in Azure; the message says how, and where that is known. */
export class StrictModeError extends Error {
  override name = 'StrictModeError';
}

const mostRemembered = 1000;

export class Strictness {
  readonly isStrict: boolean;
  readonly #log: HostLog;
  readonly #said = new Set<string>();

  constructor(mode: Mode, log: HostLog) {
    this.isStrict = mode === 'strict';
    this.#log = log;
  }

  /** Does nothing in lenient mode: whoever calls this goes on as Azure would. @throws StrictModeError in strict mode. */
  forbid(rule: StrictRuleId, who: string, what: string): void {
    if (this.isStrict) throw new StrictModeError(complaint(rule, who, what));
  }

  /** In strict mode, says aloud what would be wrong to forbid: once, though replays come upon it again and again. */
  report(rule: StrictRuleId, about: { who: string; what: string; level: 'warning' | 'error' }): void {
    const text = complaint(rule, about.who, about.what);
    if (!this.isStrict || this.#said.has(text)) return;
    if (this.#said.size >= mostRemembered) this.#said.clear();
    this.#said.add(text);
    this.#log(about.level, 'Host.Strict', text);
  }
}
