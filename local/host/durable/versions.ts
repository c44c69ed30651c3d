/** Which instances a worker of one version runs (DurableTask.Core, TaskOrchestrationVersioningUtils). Pure. */
import type { DurableSettings } from './settings.ts';

export const versionMismatch = 'VersionMismatch: Orchestration version did not comply with Worker Versioning';

/** An app without a default version takes on all instances. */
export function runsVersion(
  version: string,
  { defaultVersion, versionMatch }: Pick<DurableSettings, 'defaultVersion' | 'versionMatch'>,
): boolean {
  if (defaultVersion === '' || versionMatch === 'None') return true;
  const order = compareVersions(version, defaultVersion);
  return versionMatch === 'Strict' ? order === 0 : order <= 0;
}

/** Below 0 when `a` is older; an instance without a version is older than all. */
export function compareVersions(a: string, b: string): number {
  if (a === '' || b === '') return Number(a !== '') - Number(b !== '');
  const [partsA, partsB] = [numbersOf(a), numbersOf(b)];
  if (!partsA || !partsB) return compareText(a.toLowerCase(), b.toLowerCase());
  for (let index = 0; index < 4; index += 1) {
    // As in .NET, a part that is missing comes before zero.
    const difference = (partsA[index] ?? -1) - (partsB[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** `1.2`, `1.2.3` and `1.2.3.4`, as System.Version reads them. */
function numbersOf(version: string): number[] | undefined {
  return /^\d+(\.\d+){1,3}$/.test(version) ? version.split('.').map(Number) : undefined;
}
