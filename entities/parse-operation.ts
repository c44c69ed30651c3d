/** Reads what an entity is asked to do into a typed operation. */
import type { EntityContext } from 'durable-functions';
import type { z } from 'zod';
import type { EventFields, Telemetry } from '../domain/telemetry.ts';

/**
 * The parsed operation, or undefined, with a warning that counts the fields at fault.
 * An entity must not throw: the batch it is part of would go on without a trace of the failure.
 */
export function parseOperation<Schema extends z.ZodType>(
  context: EntityContext<unknown>,
  schema: Schema,
  { telemetry, entity }: { telemetry: Telemetry; entity: EventFields<'operationIgnored'>['entity'] },
): z.infer<Schema> | undefined {
  const operation = context.df.operationName;
  const parsed = schema.safeParse({ operation, input: context.df.getInput() });
  if (parsed.success) return parsed.data;
  telemetry.record('operationIgnored', { entity, faults: parsed.error.issues.length });
  return undefined;
}
