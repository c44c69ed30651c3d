/** Entra ID, Graph, Key Vault and RingCentral on one virtual clock, with one customer connected to both sides. */
import { installDate, VirtualClock } from '../../local/clock/virtual-clock.ts';
import { Work } from '../../local/clock/work.ts';
import { startEntra, type Entra } from '../../local/vendors/entra/entra.ts';
import { startGraph } from '../../local/vendors/graph/graph.ts';
import { startKeyVault } from '../../local/vendors/key-vault/key-vault.ts';
import { startRingCentral } from '../../local/vendors/ring-central/ring-central.ts';
import { openSimulation } from '../../local/vendors/simulation.ts';
import { makeSecrets } from '../../clients/secrets.ts';
import { makeTokens } from '../../clients/tokens.ts';
import { someLeases } from './fakes.ts';

interface WorkerSettings {
  clientSecret?: string;
  onTokenRequest?: Parameters<typeof makeTokens>[0]['onTokenRequest'];
}

export type SimulatedVendors = Awaited<ReturnType<typeof simulateVendors>>;

export async function simulateVendors({ vaultTransitionSeconds = 0 } = {}) {
  const work = new Work();
  const virtualClock = new VirtualClock(work, new Date('2026-01-05T10:00:00Z'));
  const restoreDate = installDate(virtualClock);
  const simulation = openSimulation(virtualClock, work);
  const entra = await startEntra(simulation);
  const graph = await startGraph(simulation, { entra });
  const keyVault = await startKeyVault(simulation, {
    tokens: entra.tokens,
    tenantId: entra.homeTenantId,
    allowedOid: entra.identity.oid,
    retentionDays: 7,
    transitionSeconds: vaultTransitionSeconds,
  });
  const ringCentral = await startRingCentral(simulation);
  const clock = (): Date => new Date(virtualClock.now());
  const secrets = makeSecrets({
    vaultUrl: keyVault.url,
    credential: {
      getToken: async () => {
        const { token } = await entra.tokens.forManagedIdentity(entra.identity);
        return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    },
    timeoutMs: 5_000,
    pause: (ms) => virtualClock.advance(ms),
  });
  const { application, serviceUser, microsoftTenantId } = connectMicrosoft(entra);
  const leases = someLeases();
  /** Another worker's memory: a process of its own, as far as tokens go; `settings` are what it gets wrong. */
  const worker = ({ onTokenRequest, ...settings }: WorkerSettings = {}) =>
    makeTokens({
      secrets,
      leases,
      microsoft: { authorityUrl: entra.url, ...application, ...settings },
      ringCentral: { serverUrl: ringCentral.url, ...ringCentral.app, ...settings },
      clock,
      timeoutMs: 5_000,
      onTokenRequest,
    });
  const idle = () => work.whenIdle();
  const close = async (): Promise<void> => {
    await work.whenIdle();
    await Promise.all([entra.close(), graph.close(), keyVault.close(), ringCentral.close()]);
    simulation.close();
    restoreDate();
  };
  return {
    virtualClock,
    clock,
    simulation,
    entra,
    graph,
    ringCentral,
    secrets,
    worker,
    idle,
    close,
    application,
    serviceUser,
    tenant: { tenantId: 't1', microsoftTenantId },
    addPerson: (givenName: string) => addUser(entra.directory, microsoftTenantId, givenName).userId,
    /** How many requests a vendor got whose "METHOD path" holds `match`. */
    requests: (match: string) =>
      simulation.journal.list().filter(({ method, path }) => `${method} ${path}`.includes(match)).length,
  };
}

function connectMicrosoft({ directory, grants }: Entra) {
  const application = grants.register({
    displayName: 'Presence Hub',
    roles: ['Presence.ReadWrite.All', 'User.Read.All'],
    scopes: ['Presence.Read.All'],
  });
  const { tenantId } = directory.addTenant('Contoso', 'contoso.example');
  const serviceUser = addUser(directory, tenantId, 'Service');
  grants.consent(tenantId, application);
  return { application, serviceUser, microsoftTenantId: tenantId };
}

function addUser(directory: Entra['directory'], tenantId: string, givenName: string) {
  const mail = `${givenName.toLowerCase()}@contoso.example`;
  return directory.addUser({
    tenantId,
    displayName: givenName,
    givenName,
    surname: 'Sample',
    mail,
    userPrincipalName: mail,
    jobTitle: null,
    department: null,
    businessPhones: [],
    accountEnabled: true,
    licensed: true,
  });
}

/** What the service user's sign-in brings. */
export function refreshTokenOf({ entra, serviceUser, application }: SimulatedVendors): string {
  const { grants } = entra;
  return grants.refreshToken(grants.grant(serviceUser, application.clientId, application.scopes));
}
