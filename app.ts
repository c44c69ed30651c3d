/** The composition root: reads the settings, builds clients and store, and registers every function of the app. */
import { X509Certificate } from 'node:crypto';
import { app as functions } from '@azure/functions';
import { ManagedIdentityCredential } from '@azure/identity';
import { registerActivity } from './activities/shared/activity.ts';
import { makeApplyDirectory } from './activities/apply-directory.ts';
import { makeBeginDirectory } from './activities/begin-directory.ts';
import { makeConcludeDirectory } from './activities/conclude-directory.ts';
import { makeAcknowledgeOperation } from './activities/acknowledge-operation.ts';
import { makeActivatePurchase } from './activities/activate-purchase.ts';
import { makeApplySubscription } from './activities/apply-subscription.ts';
import { makeBeginErasures } from './activities/begin-erasures.ts';
import { makeBeginSubscriptionWork } from './activities/begin-subscription-work.ts';
import { makeDismissKeepers } from './activities/dismiss-keepers.ts';
import { makeBeginErasure } from './activities/begin-erasure.ts';
import { makeConcludeErasure } from './activities/conclude-erasure.ts';
import { makeConcludeRules } from './activities/conclude-rules.ts';
import { makeCountLeft } from './activities/count-left.ts';
import { makeEndTenantWork } from './activities/end-tenant-work.ts';
import { makeEraseFiles } from './activities/erase-files.ts';
import { makeErasePseudonymKey } from './activities/erase-pseudonym-key.ts';
import { makeEraseRows } from './activities/erase-rows.ts';
import { makeEraseSecrets } from './activities/erase-secrets.ts';
import { makeForgetTenantState } from './activities/forget-tenant-state.ts';
import { makeIssueReceipt } from './activities/issue-receipt.ts';
import { makePurgeTenantWork } from './activities/purge-tenant-work.ts';
import { makeEnrolPlaced } from './activities/enrol-placed.ts';
import { makeEnrolUsers } from './activities/enrol-users.ts';
import { makeEnsureGraphSubscription } from './activities/ensure-graph-subscription.ts';
import { makeEnsureRingCentralSubscription } from './activities/ensure-ring-central-subscription.ts';
import { makeForgetPreview } from './activities/forget-preview.ts';
import { makeLetGo } from './activities/let-go.ts';
import { makeLeaveUsers } from './activities/leave-users.ts';
import { makeLookAtQuietHours } from './activities/look-at-quiet-hours.ts';
import { makeOfferExport } from './activities/offer-export.ts';
import { makeObserveRingCentralPresence } from './activities/observe-ring-central-presence.ts';
import { makeObserveTeamsPresence } from './activities/observe-teams-presence.ts';
import { makeProbeRingCentralPresence } from './activities/probe-ring-central-presence.ts';
import { makeProbeTeamsPresence } from './activities/probe-teams-presence.ts';
import { makeRingCentralWriter, makeTeamsWriter } from './activities/shared/side-writers.ts';
import { makePreviewUsers } from './activities/preview-users.ts';
import { makeReadDirectoryExtensions } from './activities/read-directory-extensions.ts';
import { makeReadDirectoryUsers } from './activities/read-directory-users.ts';
import { makeReadNewcomers } from './activities/read-newcomers.ts';
import { makeReadSubscription } from './activities/read-subscription.ts';
import { makeReconsiderUsers } from './activities/reconsider-users.ts';
import { makeReconcilePage } from './activities/reconcile-page.ts';
import { makeRevokeConsents } from './activities/revoke-consents.ts';
import { makeSuperviseRules } from './activities/supervise-rules.ts';
import { makeStartDirectorySync } from './activities/start-directory-sync.ts';
import { makeSuperviseSubscriptions } from './activities/supervise-subscriptions.ts';
import { makeTellRules } from './activities/tell-rules.ts';
import { makeWeighOperation } from './activities/weigh-operation.ts';
import { makeWritePresence } from './activities/write-presence.ts';
import { makeCustomerCodes } from './clients/customer-codes.ts';
import { makeGraphClient } from './clients/graph/graph-client.ts';
import { makeNotificationReader } from './clients/graph/notifications.ts';
import { makeMarketplaceClient } from './clients/marketplace/marketplace-client.ts';
import { makeWebhookTokenVerifier } from './clients/marketplace/webhook-token.ts';
import { makeReceiptSeal } from './clients/receipts.ts';
import { makeRingCentralClient } from './clients/ring-central/ring-central-client.ts';
import { makeSecrets } from './clients/secrets.ts';
import { startTelemetry } from './clients/telemetry/start-telemetry.ts';
import {
  countTokenRequests,
  watchGraph,
  watchMarketplace,
  watchRingCentral,
  watchSecrets,
} from './clients/telemetry/vendor-calls.ts';
import { makeTokens } from './clients/tokens.ts';
import { makeWebhookAddresses } from './clients/webhooks/addresses.ts';
import { clock } from './clock.ts';
import { readConfig } from './config.ts';
import { writePresence } from './contracts/deliver-presence.ts';
import { beginErasures, readSubscription, revokeConsents } from './contracts/lifecycle.ts';
import {
  acknowledgeOperation,
  activatePurchase,
  applySubscription,
  beginSubscriptionWork,
  reconcilePage,
  weighOperation,
} from './contracts/marketplace.ts';
import { dismissKeepers, leaveUsers } from './contracts/leave-cleanly.ts';
import { offerExport } from './contracts/offer-export.ts';
import {
  beginErasure,
  concludeErasure,
  countLeft,
  endTenantWork,
  eraseFiles,
  erasePseudonymKey,
  eraseRows,
  eraseSecrets,
  forgetTenantState,
  issueReceipt,
  purgeTenantWork,
} from './contracts/erase-tenant-data.ts';
import { enrolUsers, readNewcomers, superviseSubscriptions } from './contracts/onboard-tenant.ts';
import { probeRingCentralPresence, probeTeamsPresence } from './contracts/probe-presence.ts';
import { observeRingCentralPresence, observeTeamsPresence } from './contracts/resync-presence.ts';
import {
  concludeRules,
  forgetPreview,
  lookAtQuietHours,
  previewUsers,
  reconsiderUsers,
  superviseRules,
  tellRules,
} from './contracts/sync-rules.ts';
import {
  applyDirectory,
  beginDirectory,
  concludeDirectory,
  enrolPlaced,
  letGo,
  readDirectoryExtensions,
  readDirectoryUsers,
  startDirectorySync,
} from './contracts/sync-directory.ts';
import { ensureGraphSubscription, ensureRingCentralSubscription } from './contracts/vendor-subscriptions.ts';
import { isOffered } from './domain/plans.ts';
import { registerPresenceOutbox } from './entities/presence-outbox.ts';
import { registerTenant } from './entities/tenant.ts';
import { registerUserPresence } from './entities/user-presence.ts';
import { registerActivateSubscription } from './orchestrators/activate-subscription.ts';
import { registerApplyRules } from './orchestrators/apply-rules.ts';
import { registerCancelTenant } from './orchestrators/cancel-tenant.ts';
import { registerDeliverPresence } from './orchestrators/deliver-presence.ts';
import { registerRenewHolds } from './orchestrators/renew-holds.ts';
import { registerHandleMarketplaceOperation } from './orchestrators/handle-marketplace-operation.ts';
import { registerExportCopy } from './orchestrators/export-copy.ts';
import { registerEraseTenantData } from './orchestrators/erase-tenant-data.ts';
import { registerKeepGraphSubscribed } from './orchestrators/keep-graph-subscribed.ts';
import { registerKeepQuietHours } from './orchestrators/keep-quiet-hours.ts';
import { registerKeepRingCentralSubscribed } from './orchestrators/keep-ring-central-subscribed.ts';
import { registerLeaveCleanly } from './orchestrators/leave-cleanly.ts';
import { registerLetPeopleGo } from './orchestrators/let-people-go.ts';
import { registerOnboardTenant } from './orchestrators/onboard-tenant.ts';
import { registerPreviewRules } from './orchestrators/preview-rules.ts';
import { registerProbePresence } from './orchestrators/probe-presence.ts';
import { registerReconcileSubscriptions } from './orchestrators/reconcile-subscriptions.ts';
import { registerResyncPresence } from './orchestrators/resync-presence.ts';
import { registerSyncDirectory } from './orchestrators/sync-directory.ts';
import { registerSuspendTenant } from './orchestrators/suspend-tenant.ts';
import { registerTendTenant } from './orchestrators/tend-tenant.ts';
import { makeExportFiles } from './store/export-files.ts';
import { makeReceiptBlobs } from './store/receipt-blobs.ts';
import { makeReceiptLedger } from './store/receipt-ledger.ts';
import { openStore } from './store/store.ts';
import { registerBeginUnbegunWork } from './triggers/begin-unbegun-work.ts';
import { registerAskForExport } from './triggers/ask-for-export.ts';
import { registerAskForDirectorySync } from './triggers/ask-for-directory-sync.ts';
import { registerCustomerDirectory } from './triggers/customer-directory.ts';
import { registerCustomerConvergence } from './triggers/customer-convergence.ts';
import { registerCustomerExport } from './triggers/customer-export.ts';
import { registerCustomerExplanation } from './triggers/customer-explanation.ts';
import { registerCustomerRuleExceptions } from './triggers/customer-rule-exceptions.ts';
import { registerCustomerRules } from './triggers/customer-rules.ts';
import { registerCustomerRulesPreview } from './triggers/customer-rules-preview.ts';
import { registerCustomerRulesVersions } from './triggers/customer-rules-versions.ts';
import { registerCustomerReceipts } from './triggers/customer-receipts.ts';
import { registerCustomerSubscription } from './triggers/customer-subscription.ts';
import { registerErasureReceipts } from './triggers/erasure-receipts.ts';
import { registerGraphLifecycle } from './triggers/graph-lifecycle.ts';
import { registerGraphNotifications } from './triggers/graph-notifications.ts';
import { registerMarketplaceWebhook } from './triggers/marketplace-webhook.ts';
import { registerPurgeFinishedWork } from './triggers/purge-finished-work.ts';
import { registerReconcileDaily } from './triggers/reconcile-daily.ts';
import { registerRemoveExpiredExports } from './triggers/remove-expired-exports.ts';
import { registerShowPurchase } from './triggers/show-purchase.ts';
import { registerStartActivation } from './triggers/start-activation.ts';
import { registerSweepDueDeletions } from './triggers/sweep-due-deletions.ts';
import { registerTendAllTenants } from './triggers/tend-all-tenants.ts';
import { registerRingCentralNotifications } from './triggers/ring-central-notifications.ts';

const config = readConfig();
const { microsoft, ringCentral: ringCentralApp, notificationCertificate } = config;

const store = await openStore(config.database);
const credential = new ManagedIdentityCredential();
const storage = { ...config.exportStorage, credential };
const exportFiles = makeExportFiles({ storage, clock });
const seal = makeReceiptSeal(config.receiptSigningKey);
const codes = makeCustomerCodes(config.receiptSigningKey);
const blobs = makeReceiptBlobs({ storage, clock });
const ledger = makeReceiptLedger({ receipts: store.erasureReceipts, blobs, seal });
const vaultUrl = config.keyVaultUrl;
const isServed = async (tenantId: string) => (await store.tenants.find(tenantId)) !== undefined;
const connection = config.telemetry;
const telemetry = startTelemetry({ connection, vaultUrl, credential, isServed, clock });
functions.hook.appTerminate(() => telemetry.close());
/** For whoever runs the app and wants to see at once what it has said. */
export const flushTelemetry = (): Promise<void> => telemetry.flush();

const watch = { telemetry, clock };
const secrets = watchSecrets(makeSecrets({ vaultUrl, credential }), watch);
const onTokenRequest = countTokenRequests(telemetry);
const tokens = makeTokens({
  secrets,
  leases: store.leases,
  microsoft,
  ringCentral: ringCentralApp,
  clock,
  onTokenRequest,
});
const graph = watchGraph(
  makeGraphClient({ baseUrl: microsoft.graphUrl, tokens, clientId: microsoft.clientId, clock }),
  watch,
);
const ringCentral = watchRingCentral(makeRingCentralClient({ ...ringCentralApp, tokens, clock }), watch);
const publisher = { authorityUrl: microsoft.authorityUrl, ...config.marketplace, clock };
const marketplace = watchMarketplace(makeMarketplaceClient(publisher), watch);
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

registerTenant({ telemetry });
registerUserPresence({ telemetry });
registerPresenceOutbox({ telemetry });

registerOnboardTenant({ telemetry });
registerKeepGraphSubscribed({ telemetry });
registerKeepRingCentralSubscribed({ telemetry });
registerResyncPresence({ telemetry });
registerProbePresence({ telemetry });
registerTendTenant();
registerSyncDirectory({ telemetry });
registerLetPeopleGo({ telemetry });
registerDeliverPresence({ telemetry });
registerRenewHolds();
registerLeaveCleanly({ telemetry });
registerExportCopy();
registerEraseTenantData({ telemetry });

registerApplyRules({ telemetry });
registerKeepQuietHours({ telemetry });
registerPreviewRules({ telemetry });

registerHandleMarketplaceOperation({ telemetry });
registerActivateSubscription();
registerReconcileSubscriptions();
registerSuspendTenant({ telemetry });
registerCancelTenant({ telemetry });

registerActivity(telemetry, enrolUsers, makeEnrolUsers({ store, plans: config.plans, clock }));
registerActivity(telemetry, beginDirectory, makeBeginDirectory({ store, clock }));
registerActivity(telemetry, readDirectoryUsers, makeReadDirectoryUsers({ store, graph, clock }));
registerActivity(
  telemetry,
  readDirectoryExtensions,
  makeReadDirectoryExtensions({ store, ringCentral, clock }),
);
registerActivity(telemetry, applyDirectory, makeApplyDirectory({ store, plans: config.plans, clock }));
registerActivity(telemetry, enrolPlaced, makeEnrolPlaced({ store, clock }));
registerActivity(telemetry, concludeDirectory, makeConcludeDirectory({ store, clock }));
registerActivity(telemetry, startDirectorySync, makeStartDirectorySync({ store, clock }));
registerActivity(telemetry, letGo, makeLetGo({ store, clock }));
registerActivity(telemetry, leaveUsers, makeLeaveUsers({ store, clock }));
registerActivity(telemetry, dismissKeepers, makeDismissKeepers({ store }));
registerActivity(telemetry, readNewcomers, makeReadNewcomers({ store, clock }));
registerActivity(telemetry, superviseSubscriptions, makeSuperviseSubscriptions({ store }));
registerActivity(
  telemetry,
  ensureGraphSubscription,
  makeEnsureGraphSubscription({ store, graph, addresses, certificate, clock }),
);
registerActivity(
  telemetry,
  ensureRingCentralSubscription,
  makeEnsureRingCentralSubscription({ store, ringCentral, addresses, clock }),
);
registerActivity(telemetry, observeTeamsPresence, makeObserveTeamsPresence({ store, graph, clock }));
registerActivity(
  telemetry,
  observeRingCentralPresence,
  makeObserveRingCentralPresence({ store, ringCentral, clock }),
);
registerActivity(telemetry, probeTeamsPresence, makeProbeTeamsPresence({ store, graph, clock }));
registerActivity(
  telemetry,
  probeRingCentralPresence,
  makeProbeRingCentralPresence({ store, ringCentral, clock }),
);
registerActivity(
  telemetry,
  writePresence,
  makeWritePresence({
    store,
    writers: { teams: makeTeamsWriter(graph), ringCentral: makeRingCentralWriter(ringCentral) },
    clock,
    telemetry,
  }),
);
registerActivity(telemetry, tellRules, makeTellRules({ store, clock }));
registerActivity(telemetry, concludeRules, makeConcludeRules({ store, clock }));
registerActivity(telemetry, superviseRules, makeSuperviseRules({ store }));
registerActivity(telemetry, lookAtQuietHours, makeLookAtQuietHours({ store }));
registerActivity(telemetry, reconsiderUsers, makeReconsiderUsers({ store, clock }));
registerActivity(telemetry, previewUsers, makePreviewUsers({ store, clock }));
registerActivity(telemetry, forgetPreview, makeForgetPreview({ store }));
registerActivity(telemetry, offerExport, makeOfferExport({ store, secrets, exportFiles, clock }));

registerActivity(
  telemetry,
  weighOperation,
  makeWeighOperation({ store, marketplace, isOffered: (planId) => isOffered(config.plans, planId), clock }),
);
registerActivity(telemetry, acknowledgeOperation, makeAcknowledgeOperation({ marketplace }));
registerActivity(telemetry, activatePurchase, makeActivatePurchase({ store, marketplace, clock }));
registerActivity(telemetry, applySubscription, makeApplySubscription({ store, marketplace, clock }));
registerActivity(telemetry, reconcilePage, makeReconcilePage({ store, marketplace, clock }));
registerActivity(telemetry, readSubscription, makeReadSubscription({ store }));
registerActivity(telemetry, revokeConsents, makeRevokeConsents({ store, tokens }));
registerActivity(telemetry, beginSubscriptionWork, makeBeginSubscriptionWork({ store }));
registerActivity(telemetry, beginErasures, makeBeginErasures({ store, clock }));

registerActivity(telemetry, beginErasure, makeBeginErasure({ store, clock }));
registerActivity(telemetry, endTenantWork, makeEndTenantWork());
registerActivity(telemetry, forgetTenantState, makeForgetTenantState());
registerActivity(telemetry, purgeTenantWork, makePurgeTenantWork());
registerActivity(telemetry, eraseSecrets, makeEraseSecrets({ secrets, tokens }));
registerActivity(telemetry, eraseFiles, makeEraseFiles({ exportFiles }));
registerActivity(telemetry, eraseRows, makeEraseRows({ store }));
registerActivity(telemetry, erasePseudonymKey, makeErasePseudonymKey({ secrets }));
registerActivity(telemetry, countLeft, makeCountLeft({ store, secrets, exportFiles }));
registerActivity(telemetry, issueReceipt, makeIssueReceipt({ ledger, seal, codes }));
registerActivity(telemetry, concludeErasure, makeConcludeErasure({ store }));

registerGraphNotifications({ reader, addresses, telemetry, clock });
registerGraphLifecycle({ store, addresses, telemetry });
registerRingCentralNotifications({ store, addresses, telemetry, clock });
registerTendAllTenants({ store, telemetry, clock });
registerPurgeFinishedWork({ telemetry, clock });
registerSweepDueDeletions({ store, telemetry, clock });
registerErasureReceipts({ ledger, publicKey: seal.publicKey });
registerRemoveExpiredExports({ exportFiles, clock });
registerMarketplaceWebhook({ verify: makeWebhookTokenVerifier(publisher), telemetry });
registerShowPurchase({ marketplace });
registerStartActivation({ marketplace, codes, telemetry });
registerReconcileDaily({ clock });
registerBeginUnbegunWork({ store, telemetry });
registerCustomerSubscription({ codes, store, exportFiles, telemetry });
registerCustomerExport({ codes, store, exportFiles, telemetry });
registerCustomerDirectory({ codes, store, telemetry, clock });
registerAskForDirectorySync({ codes, store, telemetry, clock });
registerAskForExport({ codes, store, telemetry, clock });
registerCustomerReceipts({ codes, ledger, telemetry });
registerCustomerRules({ codes, store, telemetry, clock });
registerCustomerRulesVersions({ codes, store, telemetry, clock });
registerCustomerRuleExceptions({ codes, store, telemetry, clock });
registerCustomerRulesPreview({ codes, store, telemetry, clock });
registerCustomerExplanation({ codes, store, telemetry, clock });
registerCustomerConvergence({ codes, store, telemetry, clock });
