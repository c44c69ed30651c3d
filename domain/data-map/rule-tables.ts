/** The tables of the rules that a company sets. */
import { inBothCopies, inCompanysCopy, ofService, plain, tenantId, userId } from './table-words.ts';
import type { Table } from './words.ts';

export const ruleTables = {
  sync_rules: {
    ...ofService,
    kept: [{ by: 'category' }, { by: 'number', most: 50, of: 'versions of a tenant' }],
    whose: ['company'],
    what: 'the rules by which presence is carried over, version by version',
    why: 'so that presence is carried over as the company wants it, and an earlier version can be brought back',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      version: plain('a running number'),
      rules: plain('the rules; they say nothing of a single person'),
      saved_at: plain('an instant'),
      restored: plain('the version that was brought back'),
      counted: plain('a running number'),
      applied: plain('a running number'),
    },
  },
  rule_exceptions: {
    ...ofService,
    whose: ['person'],
    what: "what is otherwise for a person than the company's rules say",
    why: 'so that the presence of a person is carried over as the company wants it for them',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      user_id: userId('the person'),
      exception: plain('settings'),
      version: plain('a running number'),
      saved_at: plain('an instant'),
    },
  },
  rule_previews: {
    ...ofService,
    kept: [
      { by: 'category' },
      { by: 'use', until: 'the company tries other rules' },
      { by: 'age', hours: 1, since: 'it was made' },
    ],
    whose: ['person', 'company'],
    what: 'what rules that the company tries would do: numbers, and for whom anything would be another',
    why: 'so that rules can be tried before they hold',
    copied: { into: 'none', why: 'of use for an hour, and made of what is in the copy' },
    columns: {
      tenant_id: tenantId,
      part: plain('a running number'),
      asked_at: plain('an instant'),
      body: ['the rules that are tried; numbers, and Entra object ids', 'directoryId'],
    },
  },
} as const satisfies Record<string, Table>;
