/** The composition root: reads the settings, builds clients and store, and registers every function of the app. */
import { X509Certificate } from 'node:crypto';
import { ManagedIdentityCredential } from '@azure/identity';
import { registerActivity } from './activities/shared/activity.ts';
import { makeEnrolUsers } from './activities/enrol-users.ts';
import { makeEnsureGraphSubscription } from './activities/ensure-graph-subscription.ts';
import { makeEnsureRingCentralSubscription } from './activities/ensure-ring-central-subscription.ts';
import { makeObserveRingCentralPresence } from './activities/observe-ring-central-presence.ts';
import { makeObserveTeamsPresence } from './activities/observe-teams-presence.ts';
import { makeRingCentralWriter, makeTeamsWriter } from './activities/shared/side-writers.ts';
import { makeReadNewcomers } from './activities/read-newcomers.ts';
import { makeSuperviseSubscriptions } from './activities/supervise-subscriptions.ts';
import { makeWritePresence } from './activities/write-presence.ts';
import { makeGraphClient } from './clients/graph/graph-client.ts';
import { makeNotificationReader } from './clients/graph/notifications.ts';
import { makeRingCentralClient } from './clients/ring-central/ring-central-client.ts';
import { makeSecrets } from './clients/secrets.ts';
import { makeTokens } from './clients/tokens.ts';
import { makeWebhookAddresses } from './clients/webhooks/addresses.ts';
import { clock } from './clock.ts';
import { readConfig } from './config.ts';
import { writePresence } from './contracts/deliver-presence.ts';
import { enrolUsers, readNewcomers, superviseSubscriptions } from './contracts/onboard-tenant.ts';
import { observeRingCentralPresence, observeTeamsPresence } from './contracts/resync-presence.ts';
import { ensureGraphSubscription, ensureRingCentralSubscription } from './contracts/vendor-subscriptions.ts';
import { registerPresenceOutbox } from './entities/presence-outbox.ts';
import { registerTenant } from './entities/tenant.ts';
import { registerUserPresence } from './entities/user-presence.ts';
import { registerDeliverPresence } from './orchestrators/deliver-presence.ts';
import { registerKeepGraphSubscribed } from './orchestrators/keep-graph-subscribed.ts';
import { registerKeepRingCentralSubscribed } from './orchestrators/keep-ring-central-subscribed.ts';
import { registerOnboardTenant } from './orchestrators/onboard-tenant.ts';
import { registerResyncPresence } from './orchestrators/resync-presence.ts';
import { registerTendTenant } from './orchestrators/tend-tenant.ts';
import { openStore } from './store/store.ts';
import { registerGraphLifecycle } from './triggers/graph-lifecycle.ts';
import { registerGraphNotifications } from './triggers/graph-notifications.ts';
import { registerPurgeFinishedWork } from './triggers/purge-finished-work.ts';
import { registerTendAllTenants } from './triggers/tend-all-tenants.ts';
import { registerRingCentralNotifications } from './triggers/ring-central-notifications.ts';

const config = readConfig();
const { microsoft, ringCentral: ringCentralApp, notificationCertificate } = config;

const store = await openStore(config.databaseFile);
const secrets = makeSecrets({ vaultUrl: config.keyVaultUrl, credential: new ManagedIdentityCredential() });
const tokens = makeTokens({
  secrets,
  leases: store.leases,
  microsoft,
  ringCentral: ringCentralApp,
  clock,
});
const graph = makeGraphClient({ baseUrl: microsoft.graphUrl, tokens, clientId: microsoft.clientId, clock });
const ringCentral = makeRingCentralClient({ ...ringCentralApp, tokens, clock });
const addresses = makeWebhookAddresses(config.publicBaseUrl, config.webhookKey);
const reader = makeNotificationReader({
  clientId: microsoft.clientId,
  authorityUrl: microsoft.authorityUrl,
  certificates: notificationCertificate === undefined ? [] : [notificationCertificate],
  clock,
});
const certificate = notificationCertificate && {
  id: notificationCertificate.id,
  derBase64: new X509Certificate(notificationCertificate.certificatePem).raw.toString('base64'),
};

registerTenant();
registerUserPresence();
registerPresenceOutbox();

registerOnboardTenant();
registerKeepGraphSubscribed();
registerKeepRingCentralSubscribed();
registerResyncPresence();
registerTendTenant();
registerDeliverPresence();

registerActivity(enrolUsers, makeEnrolUsers({ store, clock }));
registerActivity(readNewcomers, makeReadNewcomers({ store, clock }));
registerActivity(superviseSubscriptions, makeSuperviseSubscriptions({ store }));
registerActivity(
  ensureGraphSubscription,
  makeEnsureGraphSubscription({ store, graph, addresses, certificate, clock }),
);
registerActivity(
  ensureRingCentralSubscription,
  makeEnsureRingCentralSubscription({ store, ringCentral, addresses, clock }),
);
registerActivity(observeTeamsPresence, makeObserveTeamsPresence({ store, graph, clock }));
registerActivity(observeRingCentralPresence, makeObserveRingCentralPresence({ store, ringCentral, clock }));
registerActivity(
  writePresence,
  makeWritePresence({
    store,
    writers: { teams: makeTeamsWriter(graph), ringCentral: makeRingCentralWriter(ringCentral) },
  }),
);

registerGraphNotifications({ reader, addresses, clock });
registerGraphLifecycle({ store, addresses });
registerRingCentralNotifications({ store, addresses, clock });
registerTendAllTenants({ store, clock });
registerPurgeFinishedWork({ clock });
