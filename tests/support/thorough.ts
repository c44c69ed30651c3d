import { test } from '@jest/globals';

/** Whether tests that take minutes are run whole (`npm run test:thorough`), and not only in part as with each change. */
export const isThorough = process.env['THOROUGH'] === '1';

/** A test that is run with the thorough ones only: what it proves is proved otherwise, and it takes its time. */
export const thoroughTest = isThorough ? test : test.skip;
