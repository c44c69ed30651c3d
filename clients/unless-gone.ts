/** For calls whose addressee may have gone: that is an answer, not a failure. */
import { isFailure } from '../domain/vendor-error.ts';

/** Undefined in place of a `notFound`. */
export async function unlessGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isFailure(error, 'notFound')) return undefined;
    throw error;
  }
}
