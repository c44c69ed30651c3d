/** Changes presence and tells those who subscribed. */
import { randomInt, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { Directory } from './directory.ts';
import type { Extension } from './model.ts';
import type { Notifier } from './notifier.ts';
import { presenceEventFields, type ActiveCall, type Presence } from './presence.ts';
import { applyPerson, applyRequest, type PersonPresence, type PresenceRequest } from './presence-update.ts';

interface PresenceParts {
  readonly directory: Directory;
  readonly notifier: Notifier;
  readonly clock: Clock;
}

export class Presences {
  readonly #parts: PresenceParts;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** A PUT of the API; its caller hears of it too, if subscribed. @throws 400 CMN-101 */
  put(extension: Extension, request: PresenceRequest): Extension {
    const { newCallHandling } = this.#parts.directory.account(extension.accountId);
    const { queueMember } = extension;
    return this.#change(
      extension,
      applyRequest(extension.presence, request, { newCallHandling, queueMember }),
    );
  }

  /** Something the person did on phone or app. */
  setByPerson(extension: Extension, person: PersonPresence): Extension {
    const { newCallHandling } = this.#parts.directory.account(extension.accountId);
    const newCall = (telephonyStatus: string): ActiveCall => this.#newCall(extension, telephonyStatus);
    return this.#change(extension, applyPerson(extension.presence, person, { newCallHandling, newCall }));
  }

  #change(extension: Extension, after: Presence): Extension {
    const before = extension.presence;
    const { newCallHandling } = this.#parts.directory.account(extension.accountId);
    const visible =
      presenceEventFields({ before, after }, { newCallHandling, own: true }, true) !== undefined;
    const changed = { ...extension, presence: after, sequence: extension.sequence + (visible ? 1 : 0) };
    this.#parts.directory.save(changed);
    if (visible) this.#parts.notifier.presenceChanged(changed, { before, after });
    return changed;
  }

  #newCall(extension: Extension, telephonyStatus: string): ActiveCall {
    const number = String(randomInt(10 ** 11, 10 ** 12));
    return {
      id: randomUUID(),
      direction: 'Inbound',
      queueCall: false,
      from: '+16505550100',
      fromName: 'Somebody Outside',
      to: extension.extensionNumber,
      toName: `${extension.firstName} ${extension.lastName}`,
      startTime: new Date(this.#parts.clock.now()).toISOString(),
      telephonyStatus,
      sessionId: number,
      telephonySessionId: `s-${number}`,
      partyId: `p-${number}-1`,
    };
  }
}
