/** Sends to Azure Monitor's ingestion endpoint with Microsoft's OpenTelemetry exporters, which are loaded when first needed. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TokenCredential } from '@azure/identity';
import type {
  AzureMonitorExporterOptions,
  AzureMonitorLogExporter,
  AzureMonitorMetricExporter,
} from '@azure/monitor-opentelemetry-exporter';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics';

export interface AzureMonitorOptions {
  readonly connectionString: string;
  /** The ingestion endpoint of that connection string. */
  readonly ingestionUrl: string;
  readonly credential: TokenCredential;
  /** Told how many log records the endpoint did not take, after all attempts. */
  readonly onLoss: (records: number) => void;
}

export interface Exporters {
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
}

type ExportResult = Parameters<Parameters<LogRecordExporter['export']>[1]>[0];
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- FAILED; the enum is @opentelemetry/core's, the SDKs' own dependency
const failed = 1 as ExportResult['code'];
const attemptTimeoutMs = 10_000;

export function makeAzureMonitorExporters({ onLoss, ...connection }: AzureMonitorOptions): Exporters {
  const logs = new Lane<AzureMonitorLogExporter>(
    async (options) => new (await load()).AzureMonitorLogExporter(options),
    connection,
  );
  const metrics = new Lane<AzureMonitorMetricExporter>(
    async (options) => new (await load()).AzureMonitorMetricExporter(options),
    connection,
  );
  const sendLogs = async (...[records, done]: Parameters<Exporters['logs']['export']>): Promise<void> => {
    const result = await logs.send((exporter, end) => void exporter.export(records, end));
    if (result.code === failed) onLoss(records.length);
    done(result);
  };
  const sendMetrics = async (...[batch, done]: Parameters<Exporters['metrics']['export']>): Promise<void> => {
    done(await metrics.send((exporter, end) => void exporter.export(batch, end)));
  };
  return {
    logs: {
      export: (records, done) => void sendLogs(records, done),
      forceFlush: () => Promise.resolve(),
      shutdown: () => logs.shutdown(),
    },
    metrics: {
      export: (batch, done) => void sendMetrics(batch, done),
      forceFlush: () => Promise.resolve(),
      shutdown: () => metrics.shutdown(),
      // As the exporter itself has it: Azure Monitor adds up.
      selectAggregationTemporality: () => AggregationTemporality.DELTA,
    },
  };
}

/**
 * It takes a fifth of a second to load, which no start of the app should wait for. Left to itself it would ask Microsoft's
 * settings service at start and every hour how to behave, and has no switch for that (1.0.0-beta.47,
 * `_configuration/configurationManager`): what we send and to whom is not for another service to say.
 */
async function load() {
  const name = '@azure/monitor-opentelemetry-exporter';
  const entry = createRequire(import.meta.url).resolve(name);
  const file = join(dirname(entry), '..', 'esm', '_configuration', 'configurationManager.js');
  const { ConfigurationManager } = (await import(pathToFileURL(file).href)) as ConfigurationModule;
  ConfigurationManager.prototype.initialize = () => undefined;
  return import('@azure/monitor-opentelemetry-exporter');
}

interface ConfigurationModule {
  ConfigurationManager: { prototype: { initialize: () => void } };
}

/** One exporter, made when it is first needed, and whether the endpoint took what it was last sent. */
class Lane<Exporter extends { shutdown(): Promise<void> }> {
  readonly #make: () => Promise<Exporter>;
  #exporter: Promise<Exporter> | undefined;
  #refused: Error | undefined;

  constructor(
    make: (options: AzureMonitorExporterOptions) => Promise<Exporter>,
    connection: Omit<AzureMonitorOptions, 'onLoss'>,
  ) {
    this.#make = () => make(this.#options(connection));
  }

  /** Never rejects. The SDKs send one batch at a time through an exporter, so that what is refused is this one. */
  async send(
    start: (exporter: Exporter, end: (result: ExportResult) => void) => void,
  ): Promise<ExportResult> {
    this.#refused = undefined;
    try {
      const exporter = await (this.#exporter ??= this.#make());
      const result = await new Promise<ExportResult>((resolve) => start(exporter, resolve));
      return this.#refused === undefined ? result : { code: failed, error: this.#refused };
    } catch (error) {
      return { code: failed, error: error as Error };
    }
  }

  async shutdown(): Promise<void> {
    await (await this.#exporter)?.shutdown();
  }

  #options({
    connectionString,
    ingestionUrl,
    credential,
  }: Omit<AzureMonitorOptions, 'onLoss'>): AzureMonitorExporterOptions {
    // Plain http is let through to configuration for loopback addresses only; no token goes that way.
    const insecure = new URL(ingestionUrl).protocol === 'http:';
    return {
      connectionString,
      // The exporter would make https of the connection string's address.
      host: ingestionUrl,
      allowInsecureConnection: insecure,
      ...(!insecure && { credential }),
      disableOfflineStorage: true,
      retryOptions: { maxRetries: 2 },
      // Without storage the exporter calls everything a success that it might have stored, so the answer is looked at here.
      additionalPolicies: [
        {
          position: 'perCall',
          policy: {
            name: 'noteRefusal',
            sendRequest: async (request, next) => {
              request.timeout = attemptTimeoutMs;
              try {
                const answer = await next(request);
                this.#refused = answer.status === 200 ? undefined : new Error(`HTTP ${answer.status}`);
                return answer;
              } catch (error) {
                this.#refused = new Error('No answer');
                throw error;
              }
            },
          },
        },
      ],
    };
  }
}
