/** The one place in the app that reads the wall clock; everything else is given times. */

/** The present instant. */
export const clock = (): Date => new Date();
