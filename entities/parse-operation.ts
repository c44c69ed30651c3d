/** Reads what an entity is asked to do into a typed operation. */
import type { EntityContext } from 'durable-functions';
import type { z } from 'zod';

/**
 * The parsed operation, or undefined, with a warning that names the fields at fault but none of their values.
 * An entity must not throw: the batch it is part of would go on without a trace of the failure.
 */
export function parseOperation<Schema extends z.ZodType>(
  context: EntityContext<unknown>,
  schema: Schema,
): z.infer<Schema> | undefined {
  const operation = context.df.operationName;
  const parsed = schema.safeParse({ operation, input: context.df.getInput() });
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'operation');
  context.warn(
    `${context.df.entityName}: ignored an operation that is not understood (${fields.join(', ')}).`,
  );
  return undefined;
}
