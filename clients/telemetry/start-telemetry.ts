/** Telemetry as the app runs it: to Azure Monitor under pseudonyms, or silent where nobody is to be told. */
import type { TokenCredential } from '@azure/identity';
import { silentTelemetry } from '../../domain/telemetry.ts';
import { makeSecrets } from '../secrets.ts';
import { makeAzureMonitorExporters, type AzureMonitorOptions } from './azure-monitor.ts';
import { makePseudonyms } from './pseudonyms.ts';
import { makeTelemetry, type RunningTelemetry } from './telemetry.ts';

interface Options {
  /** Without it nothing is sent. */
  readonly connection: Pick<AzureMonitorOptions, 'connectionString' | 'ingestionUrl'> | undefined;
  readonly vaultUrl: string;
  readonly credential: TokenCredential;
  readonly isServed: (tenantId: string) => Promise<boolean>;
  readonly clock: () => Date;
}

/** Shorter than for anybody who needs a secret: records wait for pseudonyms in a queue, which must not fill up. */
const vaultTimeoutMs = 5_000;

export function startTelemetry({
  connection,
  vaultUrl,
  credential,
  isServed,
  clock,
}: Options): RunningTelemetry {
  if (connection === undefined) {
    const nothing = () => Promise.resolve();
    return { ...silentTelemetry, flush: nothing, close: nothing };
  }
  // Secrets of its own, because what telemetry itself asks the vault is not to be told again.
  const secrets = makeSecrets({ vaultUrl, credential, timeoutMs: vaultTimeoutMs });
  return makeTelemetry({
    exporters: (onLoss) => makeAzureMonitorExporters({ ...connection, credential, onLoss }),
    pseudonyms: makePseudonyms({ secrets, isServed, clock }),
    clock,
  });
}
