/** The rules of a company as it is told them: whole, so that what is answered can be changed and sent back. */
import { defaultMapping, defaultRules, type SyncRules } from '../domain/sync-rules.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answers.ts';

/** Rules with every cell of the mapping said. */
export function wholeRules(rules: SyncRules): SyncRules {
  return {
    ...rules,
    toTeams: { ...defaultMapping, ...rules.toTeams },
    toRingCentral: { ...defaultMapping, ...rules.toRingCentral },
  };
}

/** The rules that hold, with all exceptions; `version` counts every change of either, and is the answer's tag. */
export async function rulesInForce(
  { syncRules, ruleExceptions }: Pick<Store, 'syncRules' | 'ruleExceptions'>,
  tenantId: string,
): Promise<Answer> {
  const held = await syncRules.newest(tenantId);
  const exceptions = await ruleExceptions.all(tenantId);
  const version = held?.counted ?? 0;
  return {
    headers: { etag: `"${version}"` },
    jsonBody: {
      version,
      rulesVersion: held?.version ?? 0,
      savedAt: held?.savedAt.toISOString() ?? null,
      rules: wholeRules(held?.rules ?? defaultRules),
      exceptions: exceptions.map(({ userId, exception, savedAt }) => ({
        userId,
        exception,
        savedAt: savedAt.toISOString(),
      })),
    },
  };
}
