/** What an entity function answers for a batch, as the SDK writes it (azure-functions-durable-js, EntityState). */
import { z } from 'zod';

const resultShape = z.looseObject({ isError: z.boolean(), result: z.string().nullish() });

export const entityResponseShape = z.looseObject({
  entityExists: z.boolean(),
  entityState: z.string().nullish(),
  results: z.array(resultShape.nullish()),
  signals: z.array(
    z.looseObject({
      target: z.looseObject({ name: z.string(), key: z.string() }),
      name: z.string(),
      input: z.string().nullish(),
    }),
  ),
});

export type EntityResponse = z.infer<typeof entityResponseShape>;
