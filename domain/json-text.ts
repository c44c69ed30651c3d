/** Texts of JSON where they come in. */
import { z } from 'zod';

/** What the text holds, to be piped into the shape that it must have. */
export const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
});
