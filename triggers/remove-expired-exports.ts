/** Removes export files whose time has passed: hourly. When storage refuses, the invocation fails, and the next one tries again. */
import { app as functions } from '@azure/functions';
import type { ExportFiles } from '../store/export-files.ts';

interface Dependencies {
  exportFiles: Pick<ExportFiles, 'removeExpired'>;
  clock: () => Date;
}

const hourly = '0 20 * * * *';

export function registerRemoveExpiredExports({ exportFiles, clock }: Dependencies): void {
  functions.timer('removeExpiredExports', {
    schedule: hourly,
    handler: async () => {
      await exportFiles.removeExpired(clock());
    },
  });
}
