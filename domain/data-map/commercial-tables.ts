/** The tables of the data map that are about what a company has bought, in the order in which their rows may be erased. */
import { inCompanysCopy, plain, tenantId, tenantRows, userId, withCategory } from './table-words.ts';
import type { Table } from './words.ts';

export const commercialTables = {
  licences: {
    category: 'licence',
    kept: withCategory,
    erased: tenantRows,
    whose: ['company'],
    what: 'the plan, the number of seats and how many are assigned; never to whom',
    why: 'so that the product is used as far as it was bought',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      plan_id: plain('the plan'),
      quantity: plain('seats bought'),
      assigned: plain('seats assigned'),
      updated_at: plain('an instant'),
    },
  },
  billing_events: {
    category: 'billing',
    kept: withCategory,
    erased: tenantRows,
    whose: ['purchaser', 'company'],
    what: 'the purchase with its purchaser and term, changes of plan and quantity',
    why: 'so that what was charged can be accounted for',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      event_id: ["the marketplace's id of the operation", 'companyId'],
      kind: plain('what happened, a word of our own'),
      plan_id: plain('the plan'),
      quantity: plain('seats bought'),
      term_unit: plain('month or year'),
      purchaser_mail: ["the purchaser's mail address, which as a rule is made of the name", 'mail', 'name'],
      purchaser_object_id: userId('the purchaser'),
      happened_at: plain('an instant'),
    },
  },
  subscriptions: {
    category: 'billing',
    kept: withCategory,
    erased: tenantRows,
    whose: ['company'],
    what: 'where the subscription stands: active, suspended, cancelled, and since when',
    why: 'so that the company is served for as long as it has bought the product, and forgotten afterwards',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      state: plain('where it stands, a word of our own'),
      version: plain('a running number'),
      entered: plain('a running number'),
      begun: plain('a running number'),
      changed_at: plain('an instant'),
    },
  },
  /**
   * Each row goes as soon as the erasure is done that it asks for. So the table falls under the category that is erased
   * last, and is the last of that: whatever is interrupted before finds its row again.
   */
  due_deletions: {
    category: 'billing',
    kept: [
      { by: 'use', until: 'the erasure that the row asks for is done, or called off' },
      { by: 'category' },
    ],
    erased: tenantRows,
    whose: ['company'],
    what: "when which of a tenant's data is to be erased: the tenant's id and dates, nothing of any person",
    why: 'so that erasures happen in time, whatever fails',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      category: plain('service, licence or billing'),
      reason: plain('cancelled or suspended'),
      due_at: plain('an instant'),
    },
  },
} as const satisfies Record<string, Table>;
