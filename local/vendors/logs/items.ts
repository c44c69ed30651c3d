/**
 * What the ingestion endpoint of Application Insights takes: telemetry items of the kinds that logs and metrics become
 * (Azure/azure-rest-api-specs, monitor ingestion "swagger.json" v2.1; Application Insights, "Telemetry data model").
 */
import { z } from 'zod';

/** Limits of the data model: names, messages, property values. */
const name = z.string().min(1).max(1024);
const properties = z.record(z.string().min(1).max(150), z.string().max(8192)).default({});
const measurements = z.record(z.string().min(1).max(150), z.number()).default({});
const version = z.literal(2);

const messageData = z.strictObject({
  ver: version,
  message: z.string().min(1).max(32768),
  severityLevel: z.enum(['Verbose', 'Information', 'Warning', 'Error', 'Critical']),
  properties,
  measurements,
});

const metricData = z.strictObject({
  ver: version,
  metrics: z
    .array(
      z.strictObject({
        name,
        ns: z.string().max(256).optional(),
        kind: z.enum(['Measurement', 'Aggregation']).optional(),
        value: z.number(),
        count: z.int().nonnegative().nullish(),
        min: z.number().nullish(),
        max: z.number().nullish(),
        stdDev: z.number().nullish(),
      }),
    )
    .length(1),
  properties,
});

/** `iKey` says whose resource it is for; the tags are the fields of the context (ai.cloud.role and so on). */
const envelope = {
  ver: z.literal(1),
  time: z.iso.datetime({ offset: true }),
  sampleRate: z.number().min(0).max(100).default(100),
  seq: z.string().max(64).optional(),
  iKey: z.guid(),
  tags: z.record(z.string().regex(/^ai\.\w+(?:\.\w+)+$/), z.string().max(1024)),
};

export const itemSchema = z.discriminatedUnion('name', [
  z.strictObject({
    ...envelope,
    name: z.literal('Microsoft.ApplicationInsights.Message'),
    data: z.strictObject({ baseType: z.literal('MessageData'), baseData: messageData }),
  }),
  z.strictObject({
    ...envelope,
    name: z.literal('Microsoft.ApplicationInsights.Metric'),
    data: z.strictObject({ baseType: z.literal('MetricData'), baseData: metricData }),
  }),
]);
export type Item = z.output<typeof itemSchema>;
