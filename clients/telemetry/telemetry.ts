/**
 * Telemetry on OpenTelemetry: what the catalogue lets through, with pseudonyms in place of ids, in the order it was said.
 * The callers never wait: records wait in a queue of bounded length, and what is lost is counted.
 */
import { randomBytes } from 'node:crypto';
import { SeverityNumber, type Logger } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  admitEvent,
  admitMetric,
  counterNames,
  histogramNames,
  type About,
  type CounterName,
  type EventFields,
  type EventName,
  type Severity,
  type Telemetry,
} from '../../domain/telemetry.ts';
import type { Exporters } from './azure-monitor.ts';
import type { Pseudonyms } from './pseudonyms.ts';

export interface RunningTelemetry extends Telemetry {
  /** Resolves when all that was said before has been sent, or given up. */
  flush(): Promise<void>;
  /** Sends what is left; what is said afterwards is lost. */
  close(): Promise<void>;
}

export interface TelemetryOptions {
  /** `onLoss` is to be told of records that could not be sent. */
  readonly exporters: (onLoss: (records: number) => void) => Exporters;
  readonly pseudonyms: Pseudonyms;
  readonly clock: () => Date;
}

interface Waiting {
  readonly event: EventName;
  readonly severity: Severity;
  readonly fields: Record<string, string | number | boolean>;
  readonly about: About | undefined;
  readonly at: Date;
}

const name = 'presence-hub';
const longestQueue = 2_048;
const batchSize = 512;
const logIntervalMs = 5_000;
const metricIntervalMs = 60_000;
const exportTimeoutMs = 60_000;

const severityNumbers: Record<Severity, SeverityNumber> = {
  information: SeverityNumber.INFO,
  warning: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/** Starts telemetry for this process. */
export function makeTelemetry({ exporters, pseudonyms, clock }: TelemetryOptions): RunningTelemetry {
  const { logs, metrics } = exporters((records) => count('recordsLost', { reason: 'notTaken' }, records));
  // Tells workers apart; without it the exporter would send the machine's name.
  const resource = resourceFromAttributes({
    'service.name': name,
    'service.instance.id': randomBytes(4).toString('hex'),
  });
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: metrics,
        exportIntervalMillis: metricIntervalMs,
        exportTimeoutMillis: exportTimeoutMs,
      }),
    ],
  });
  const meter = meters.getMeter(name);
  const counters = new Map(counterNames.map((each) => [each, meter.createCounter(each)]));
  const histograms = new Map(histogramNames.map((each) => [each, meter.createHistogram(each)]));
  const count = (counter: CounterName, attributes: object, by = 1): void => {
    const admitted = admitMetric('counter', counter, { value: by, attributes });
    if (admitted === undefined) return refuse();
    counters.get(counter)?.add(by, admitted);
  };
  const refuse = (): void => count('recordsLost', { reason: 'notInCatalogue' });
  const queue = new RecordQueue({ logs, resource, pseudonyms, count });
  return {
    record: <Name extends EventName>(event: Name, fields: EventFields<Name>, about?: About) => {
      const admitted = admitEvent(event, fields);
      if (admitted === undefined || admitted.refused > 0) refuse();
      if (admitted === undefined) return;
      queue.push({ event, severity: admitted.severity, fields: admitted.fields, about, at: clock() });
    },
    count,
    measure: (histogram, attributes, value) => {
      const admitted = admitMetric('histogram', histogram, { value, attributes });
      if (admitted === undefined) return refuse();
      histograms.get(histogram)?.record(value, admitted);
    },
    flush: async () => {
      await queue.flush();
      await meters.forceFlush();
    },
    close: async () => {
      await queue.close();
      await meters.shutdown();
    },
  };
}

interface QueueOptions {
  readonly logs: Exporters['logs'];
  readonly resource: ReturnType<typeof resourceFromAttributes>;
  readonly pseudonyms: Pseudonyms;
  readonly count: (counter: CounterName, attributes: object, by?: number) => void;
}

/** Turns records into log records one after the other, as their pseudonyms come. */
class RecordQueue {
  readonly #provider: LoggerProvider;
  readonly #logger: Logger;
  readonly #pseudonyms: Pseudonyms;
  readonly #count: QueueOptions['count'];
  readonly #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #sinceFlush = 0;

  constructor({ logs, resource, pseudonyms, count }: QueueOptions) {
    const processor = new BatchLogRecordProcessor({
      exporter: logs,
      maxQueueSize: longestQueue,
      maxExportBatchSize: batchSize,
      scheduledDelayMillis: logIntervalMs,
      exportTimeoutMillis: exportTimeoutMs,
    });
    this.#provider = new LoggerProvider({ resource, processors: [processor] });
    this.#logger = this.#provider.getLogger(name);
    this.#pseudonyms = pseudonyms;
    this.#count = count;
  }

  push(record: Waiting): void {
    if (this.#waiting.length >= longestQueue) {
      this.#count('recordsLost', { reason: 'queueFull' });
      return;
    }
    this.#waiting.push(record);
    this.#working ??= this.#work();
  }

  async flush(): Promise<void> {
    await this.#working;
    await this.#send();
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#provider.shutdown();
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#emit(next);
      // The SDK drops without a word what comes faster than it sends; here the queue is where records wait and are counted.
      if (this.#sinceFlush >= batchSize) await this.#send();
    }
    // In the same step as the last look at the queue, so that nothing is left lying in it.
    this.#working = undefined;
  }

  async #emit({ event, severity, fields, about, at }: Waiting): Promise<void> {
    const whom = about && (await this.#pseudonyms.of(about));
    if (about !== undefined && whom === undefined) this.#count('pseudonymsMissing', {});
    this.#sinceFlush += 1;
    this.#logger.emit({
      timestamp: at,
      severityNumber: severityNumbers[severity],
      severityText: severity,
      body: event,
      attributes: { ...fields, ...whom },
    });
  }

  /** One at a time: a flush of the SDK's does not wait for another that is under way. */
  #send(): Promise<void> {
    this.#sinceFlush = 0;
    this.#flushing = this.#flushing.then(() => this.#provider.forceFlush());
    return this.#flushing;
  }
}
