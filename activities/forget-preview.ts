/** Forgets what came of a trial of rules. Called by `previewRules` once its time is over. */
import type { forgetPreview } from '../contracts/sync-rules.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

export function makeForgetPreview({ store }: { store: Store }): Effect<typeof forgetPreview> {
  return async ({ tenantId, askedAt }) => {
    await store.rulePreviews.remove(tenantId, askedAt);
    return {};
  };
}
