/** For reading what vendors say without taking offence: parts of schemas that lose what they cannot read, and no more. */
import { z } from 'zod';

/** A text, if it is one. Vendors' lists of values grow, so none is closed. */
export const openText = z.string().optional().catch(undefined);

/** A moment in ISO 8601 with its zone, which may be written +0000 too. */
export const instant = z
  .string()
  .transform((text) => text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => new Date(text));

/** A number, or a text that is one; null is none. */
export const openNumber = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);

/** The items of a list that can be read. */
export function readableItems<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.array(z.unknown()).transform((items) =>
    items.flatMap((each) => {
      const { success, data } = item.safeParse(each);
      return success ? [data] : [];
    }),
  );
}

type Said<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** The same object without the keys whose value is undefined: what a vendor did not say is absent, and can be merged. */
export function withoutUndefined<T extends object>(value: T): Said<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Said<T>;
}
