/** A RingCentral of our own: its wire protocol on a local port, and a handle for what its people and staff would do. */
import { serve } from '../serve.ts';
import type { Simulation } from '../simulation.ts';
import { VendorData } from '../vendor-data.ts';
import type { ExtensionChange, Person } from './directory.ts';
import { openModel, type Extension } from './model.ts';
import { answerForFault, makeApp, makePlatform, type Platform, type PlatformOptions } from './platform.ts';
import { describePresence } from './presence.ts';
import { personPresenceSchema, type PersonPresence } from './presence-update.ts';
import { describeSubscription } from './subscription-rules.ts';

export interface RingCentralOptions extends PlatformOptions {
  /** Where everything is kept; without it in memory. */
  readonly directory?: string | undefined;
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
}

type CreatedExtension = Pick<Extension, 'extensionId' | 'extensionNumber' | 'mail'>;

export interface CreatedAccount {
  readonly accountId: string;
  readonly extensions: readonly CreatedExtension[];
  readonly adminExtensionId: string;
  /** Of a session in which the administrator authorised the app. */
  readonly refreshToken: string;
}

/** What happens at RingCentral without our doing, and a look at its state. Unknown ids throw. */
export interface RingCentralSimulator {
  readonly url: string;
  /** The one app registered there; the same as long as the data directory. */
  readonly app: { readonly clientId: string; readonly clientSecret: string };
  createAccount(account: {
    readonly people: readonly Person[];
    readonly newCallHandling?: boolean;
    /** Instead of the app's usual ones. */
    readonly scopes?: readonly string[];
  }): CreatedAccount;
  /** Somebody authorises the app, or does so again. */
  authorize(extensionId: string, scopes?: readonly string[]): { readonly refreshToken: string };
  addPerson(accountId: string, person: Person): { readonly extensionId: string; readonly mail: string };
  /** Whoever is no longer `Enabled` loses sessions and subscriptions. */
  changeExtension(extensionId: string, change: ExtensionChange): void;
  removeExtension(extensionId: string): void;
  /** As if the person had changed it; any text is taken, unknown values too. @throws ZodError for an unknown field */
  setPersonPresence(extensionId: string, presence: PersonPresence): void;
  /** PresenceInfoResponse as the person sees it, without addresses. */
  showPresence(extensionId: string): Record<string, unknown>;
  /** Every session of the account ends and its subscriptions die silently. */
  revoke(accountId: string): void;
  blacklist(subscriptionId: string, reason?: string): void;
  /** It goes on by all that can be asked, and tells of no change any more. */
  silence(subscriptionId: string): void;
  removeSubscription(subscriptionId: string): void;
  /** SubscriptionInfo of all that have not expired. */
  subscriptions(accountId?: string): readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** Starts RingCentral on a local port, with what `options.directory` holds from before. */
export async function startRingCentral(
  simulation: Simulation,
  options: RingCentralOptions = {},
): Promise<RingCentralSimulator> {
  const data = new VendorData('ring-central', options.directory);
  const platform = makePlatform(simulation, openModel(data), options);
  const serving = await serve(simulation, {
    vendor: 'ringCentral',
    app: makeApp(platform),
    refuse: answerForFault,
    port: options.port,
  });
  const close = async (): Promise<void> => {
    platform.subscriptions.close();
    platform.notifier.close();
    await serving.close();
    data.close();
  };
  return { url: serving.url, app: platform.model.app, ...controlsOf(platform, serving.url), close };
}

type Controls = Omit<RingCentralSimulator, 'url' | 'app' | 'close'>;

function controlsOf(platform: Platform, url: string): Controls {
  const { clock, directory, notifier, presences, sessions, subscriptions } = platform;
  return {
    ...peopleControls(platform),
    setPersonPresence: (extensionId, presence) => {
      presences.setByPerson(directory.extension(extensionId), personPresenceSchema.parse(presence));
    },
    showPresence: (extensionId) => {
      const { accountId, extensionNumber, presence } = directory.extension(extensionId);
      const { newCallHandling } = directory.account(accountId);
      const extension = { id: Number(extensionId), extensionNumber };
      return { extension, ...describePresence(presence, { newCallHandling, own: true }, true) };
    },
    revoke: (accountId) => {
      sessions.endAll({ accountId: directory.account(accountId).accountId });
      subscriptions.removeAll(accountId);
    },
    removeExtension: (extensionId) => {
      const extension = directory.extension(extensionId);
      sessions.endAll({ extensionId });
      subscriptions.removeAll(extension.accountId, extensionId);
      directory.remove(extensionId);
      notifier.extensionChanged(extension, 'Delete', []);
    },
    blacklist: (id, reason = 'Blacklisted by an operator') => subscriptions.blacklist(id, reason),
    silence: (id) => subscriptions.silence(id),
    removeSubscription: (id) => subscriptions.removeById(id),
    subscriptions: (accountId) =>
      subscriptions.list(accountId).map((each) => describeSubscription(each, url, clock.now())),
  };
}

type PeopleControls = Pick<Controls, 'createAccount' | 'authorize' | 'addPerson' | 'changeExtension'>;

function peopleControls(platform: Platform): PeopleControls {
  const { scopes: usualScopes, directory, notifier, sessions, subscriptions } = platform;
  const authorize = (extensionId: string, scopes = usualScopes): { refreshToken: string } => {
    const { accountId } = directory.extension(extensionId);
    const { refreshToken } = sessions.begin({ accountId, extensionId, scopes }).current;
    if (refreshToken === undefined)
      throw new Error('A login without asking for lifetimes has a refresh token.');
    return { refreshToken };
  };
  return {
    authorize,
    createAccount: ({ people, newCallHandling = false, scopes }) => {
      const { account, admin, people: extensions } = directory.createAccount(people, newCallHandling);
      return {
        accountId: account.accountId,
        extensions: extensions.map(nameOf),
        adminExtensionId: admin.extensionId,
        ...authorize(admin.extensionId, scopes),
      };
    },
    addPerson: (accountId, person) => {
      const extension = directory.addPerson(accountId, person);
      notifier.extensionChanged(extension, 'Create', []);
      return nameOf(extension);
    },
    changeExtension: (extensionId, change) => {
      const extension = { ...directory.extension(extensionId), ...change };
      directory.save(extension);
      if (extension.status !== 'Enabled') {
        sessions.endAll({ extensionId });
        subscriptions.removeAll(extension.accountId, extensionId);
      }
      notifier.extensionChanged(extension, 'Update', ['ExtensionInfo']);
    },
  };
}

function nameOf({ extensionId, extensionNumber, mail }: Extension): CreatedExtension {
  return { extensionId, extensionNumber, mail };
}
