/** The tables of the data map that are about our own work for a tenant, and about nobody in it. */
import { convergenceHours } from './retention.ts';
import { inCompanysCopy, ofService, plain, tenantId } from './table-words.ts';
import type { Table } from './words.ts';

export const workTables = {
  convergence: {
    ...ofService,
    kept: [
      { by: 'category' },
      { by: 'age', hours: convergenceHours, since: 'the hour began, at the first change after that' },
    ],
    whose: ['company'],
    what: 'how many changes of presence took how long to show on the other side, by the hour',
    why: 'so that the company can see how well the product works for it',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      side: plain('teams or ringCentral'),
      hour: plain('an instant'),
      delays: plain('counts by length of time'),
      refused: plain('a count'),
      last_batch: plain('a hash of the numbers of what was written last'),
    },
  },
  resyncs: {
    ...ofService,
    whose: ['company'],
    what: 'when presence was last asked to be read anew',
    why: 'so that of several reads that wait for a vendor only the newest is made',
    copied: { into: 'none', why: 'of use for minutes, and about our work' },
    columns: {
      tenant_id: tenantId,
      side: plain('teams or ringCentral'),
      shard: plain('a running number'),
      asked_at: plain('an instant'),
      paused_until: plain('an instant'),
    },
  },
} as const satisfies Record<string, Table>;
