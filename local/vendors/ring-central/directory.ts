/** Accounts and their extensions. */
import { resourceNotFound } from './errors.ts';
import type { Account, Extension, Model } from './model.ts';
import { initialPresence } from './presence.ts';

export interface Person {
  readonly firstName: string;
  readonly lastName: string;
  readonly mail: string;
  /** E.164. */
  readonly businessPhone?: string;
  /** Member of a call queue; false unless said. */
  readonly queueMember?: boolean;
}

/** What an administrator may change of an extension. */
export interface ExtensionChange {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly mail?: string;
  readonly businessPhone?: string;
  /** Enabled, Disabled, Frozen, NotActivated or Unassigned. */
  readonly status?: string;
  readonly queueMember?: boolean;
  readonly admin?: boolean;
}

export interface NewAccount {
  readonly account: Account;
  readonly admin: Extension;
  readonly people: readonly Extension[];
}

export class Directory {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /** An account with an administrator, one call queue (so that not every extension is a person) and `people`. */
  createAccount(people: readonly Person[], newCallHandling: boolean): NewAccount {
    return this.#model.together(() => {
      const accountId = this.#model.nextId();
      const account: Account = { accountId, name: `Account ${accountId}`, newCallHandling };
      this.#model.accounts.put(accountId, account);
      const domain = people[0]?.mail.split('@')[1] ?? 'example.com';
      const admin = this.#add(accountId, {
        ...administrator(domain),
        type: 'User',
        number: 101,
        admin: true,
      });
      this.#add(accountId, { ...callQueue(domain), type: 'Department', number: 201, admin: false });
      const members = people.map((person, index) =>
        this.#add(accountId, { ...person, type: 'User', number: firstNumber + index, admin: false }),
      );
      return { account, admin, people: members };
    });
  }

  /** A further User extension. @throws 404 CMN-102 without such an account. */
  addPerson(accountId: string, person: Person): Extension {
    const taken = this.extensions(this.account(accountId).accountId).map((each) =>
      Number(each.extensionNumber),
    );
    const number = Math.max(firstNumber - 1, ...taken) + 1;
    return this.#add(accountId, { ...person, type: 'User', number, admin: false });
  }

  /** Every account, oldest first. */
  accounts(): readonly Account[] {
    return this.#model.accounts.all();
  }

  /** @throws 404 CMN-102 without such an account. */
  account(accountId: string): Account {
    const account = this.#model.accounts.get(accountId);
    if (account === undefined) throw resourceNotFound('accountId');
    return account;
  }

  /** All extensions of an account, oldest first. */
  extensions(accountId: string): readonly Extension[] {
    return this.#model.extensions.all(`${accountId}/`);
  }

  /** @throws 404 CMN-102 without such an extension. */
  extension(extensionId: string): Extension {
    const extension = this.#model.extensions.get(this.#key(extensionId));
    if (extension === undefined) throw resourceNotFound('extensionId');
    return extension;
  }

  save(extension: Extension): void {
    this.#model.extensions.put(`${extension.accountId}/${extension.extensionId}`, extension);
  }

  remove(extensionId: string): void {
    this.#model.extensions.delete(this.#key(extensionId));
    this.#model.homes.delete(extensionId);
  }

  #key(extensionId: string): string {
    return `${this.#model.homes.get(extensionId) ?? ''}/${extensionId}`;
  }

  #add(accountId: string, { number, ...of }: NewExtension): Extension {
    const extension: Extension = {
      accountId,
      extensionId: this.#model.nextId(),
      extensionNumber: String(number),
      status: 'Enabled',
      presence: initialPresence,
      sequence: 0,
      ...of,
      queueMember: of.queueMember ?? false,
    };
    this.#model.homes.put(extension.extensionId, accountId);
    this.save(extension);
    return extension;
  }
}

interface NewExtension extends Person {
  readonly type: string;
  readonly number: number;
  readonly admin: boolean;
}

/** Extension number of the first person. */
const firstNumber = 1001;

function administrator(domain: string): Person {
  return { firstName: 'Phone', lastName: 'Administrator', mail: `phone.administrator@${domain}` };
}

function callQueue(domain: string): Person {
  return { firstName: 'Call', lastName: 'Queue', mail: `call.queue@${domain}` };
}
