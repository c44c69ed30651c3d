/** Turns parsed vendor answers into objects in which what the vendor did not say is absent, so that they can be merged. */

type Said<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** The same object without the keys whose value is undefined. */
export function withoutUndefined<T extends object>(value: T): Said<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Said<T>;
}
