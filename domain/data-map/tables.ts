/** The tables of the data map, in the order in which their rows may be erased: what points at a tenant before the tenant. */
import { mostLogEntries } from '../customer-log.ts';
import { commercialTables } from './commercial-tables.ts';
import { ruleTables } from './rule-tables.ts';
import { inBothCopies, inCompanysCopy, ofService, plain, tenantId, userId } from './table-words.ts';
import type { Table } from './words.ts';
import { workTables } from './work-tables.ts';

const serviceTables = {
  delivery_attempts: {
    ...ofService,
    whose: ['person'],
    what: 'the number of the wish last sent towards a vendor for a person',
    why: 'so that a write whose outcome is unknown is not sent twice',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      side: plain('teams or ringCentral'),
      target_id: [
        'whom the write addresses: an Entra object id or a RingCentral extension id',
        'directoryId',
        'vendorId',
      ],
      revision: plain('a running number'),
    },
  },
  ...workTables,
  connection_leases: {
    ...ofService,
    whose: ['company'],
    what: 'which worker may refresh the tokens of a connection just now',
    why: 'so that two workers never use up the same refresh token',
    copied: { into: 'none', why: 'of use for seconds, and about our workers' },
    columns: {
      tenant_id: tenantId,
      connection: plain('which of the connections'),
      holder: plain('a random id of the worker'),
      expires_at: plain('an instant'),
    },
  },
  vendor_subscriptions: {
    ...ofService,
    whose: ['company'],
    what: 'the webhook subscriptions at Microsoft Graph and RingCentral',
    why: 'so that changes of presence are told to us',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      vendor: plain('graph or ringCentral'),
      shard: plain('a running number'),
      subscription_id: ["the vendor's id of the subscription", 'companyId'],
      fingerprint: plain('a hash of what the subscription was made with'),
      expires_at: plain('an instant'),
      renewed_at: plain('an instant'),
      attention: plain('what the vendor has said that is not seen to yet'),
    },
  },
  directory_syncs: {
    ...ofService,
    whose: ['company'],
    what: 'how far the directories of both vendors have been read, and when',
    why: 'so that only what has changed is read, and a reading that was cut off goes on',
    copied: { into: 'none', why: 'it is about our reading; what was read is copied' },
    columns: {
      tenant_id: tenantId,
      run: plain('a running number'),
      outcome: plain('how the last run has ended'),
      code: plain('a code for why it has failed'),
      requested_at: plain('an instant'),
      started_at: plain('an instant'),
      finished_at: plain('an instant'),
      users_link: [
        "Microsoft Graph's mark of how far it has told us of its users, which may name the company",
        'companyId',
      ],
      users_whole_since: plain('a running number'),
    },
  },
  departures: {
    ...ofService,
    kept: [
      {
        by: 'use',
        until: 'what was held for the person is taken back, or nothing waits to be written for them',
      },
      { by: 'category' },
    ],
    whose: ['person'],
    what: 'who is looked after no more and of whom something is left',
    why: 'so that nothing of ours stays with somebody who has left',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      user_id: userId('the person'),
      extension_id: ['the extension they had', 'vendorId'],
      since: plain('an instant'),
    },
  },
  mappings: {
    ...ofService,
    whose: ['person'],
    what: 'which RingCentral extension is whose',
    why: 'so that the presence of a person is kept the same on both sides',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      user_id: userId('the person'),
      extension_id: ["the person's extension", 'vendorId'],
      shard: plain('which service user reads the presence'),
      assigned_at: plain('an instant'),
      seated: plain('whether the person has one of the seats that were bought'),
      enrolled: plain('whether what keeps their presence has been told'),
    },
  },
  extensions: {
    ...ofService,
    whose: ['person'],
    what: 'the RingCentral extensions or endpoints, with their names',
    why: 'so that people are matched with extensions, and shown by name to their administrator',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      extension_id: ['the extension', 'vendorId'],
      extension_number: ['the number dialled within the company', 'vendorId'],
      name: ["the extension's name, as a rule a person's", 'name'],
      mail: ['mail address, which as a rule is made of the name', 'mail', 'name'],
      phone: ['direct number', 'phone'],
      seen_in: plain('a running number'),
      updated_at: plain('an instant'),
    },
  },
  users: {
    ...ofService,
    whose: ['person'],
    what: 'the licensed users of the company',
    why: 'so that people are matched with extensions, and shown by name to their administrator',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      user_id: userId('the person'),
      display_name: ['display name', 'name'],
      mail: ['mail address, which as a rule is made of the name', 'mail', 'name'],
      user_principal_name: ['name to sign in with, as a rule a mail address', 'mail', 'name'],
      given_name: ['given name', 'name'],
      surname: ['surname', 'name'],
      department: ['department', 'job'],
      job_title: ['job title', 'job'],
      business_phones: ['business phone numbers', 'phone'],
      seen_in: plain('a running number'),
      updated_at: plain('an instant'),
    },
  },
  service_users: {
    ...ofService,
    whose: ['person'],
    what: 'the accounts whose consent reads presence',
    why: 'so that presence is read on behalf of the company only as far as it has consented',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      shard: plain('a running number'),
      user_id: userId('the account'),
      connected_at: plain('an instant'),
    },
  },
  ...ruleTables,
  log_entries: {
    ...ofService,
    kept: [{ by: 'category' }, { by: 'number', most: mostLogEntries, of: 'entries of a tenant' }],
    whose: ['company', 'person'],
    what: "what happened for the company: connections, subscriptions, numbers of writes, vendors' refusals",
    why: 'so that the company can see what the product does for it',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      sequence: plain('a running number'),
      entry_id: plain('a hash of what happened'),
      kind: plain('what happened, a word of our own'),
      severity: plain('info, warning or error'),
      side: plain('teams or ringCentral'),
      user_id: userId('whom it is about'),
      details: plain('numbers and codes'),
      happened_at: plain('an instant'),
    },
  },
  data_requests: {
    ...ofService,
    whose: ['person', 'company'],
    what: "people's requests about their data, and what came of them",
    why: 'so that every request is carried out, and can be shown to have been',
    copied: inBothCopies,
    columns: {
      tenant_id: tenantId,
      request_id: plain('a random id'),
      kind: plain('information, correction, restriction, deletion, copy or objection'),
      user_id: userId('whom it is about'),
      status: plain('how far it is'),
      requested_at: plain('an instant'),
      due_at: plain('an instant'),
      finished_at: plain('an instant'),
    },
  },
  tenants: {
    ...ofService,
    whose: ['company'],
    what: "the company's ids at both vendors",
    why: 'so that what the vendors say is known to be for this company',
    copied: inCompanysCopy,
    columns: {
      tenant_id: tenantId,
      microsoft_tenant_id: ['the Entra tenant', 'companyId'],
      ring_central_account_id: ['the RingCentral account', 'companyId'],
      created_at: plain('an instant'),
    },
  },
} as const satisfies Record<string, Table>;

const nobodys = {
  category: 'none',
  whose: ['nobody'],
  copied: { into: 'none', why: 'it is about no customer' },
} as const;
const lasting = (why: string) =>
  ({ kept: [{ by: 'nothing', why }], erased: { by: 'nothing', why } }) as const;

const commonTables = {
  erasure_receipts: {
    ...nobodys,
    ...lasting('it proves erasures, and points at no customer'),
    what: 'proof of what was erased: counts and times, chained by hashes, without any identifier',
    why: 'so that erasures can be shown to have happened',
    columns: {
      sequence: plain('a running number'),
      body: plain('counts and times'),
      previous_hash: plain('a hash'),
      hash: plain('a hash'),
      signature: plain('a signature, which anybody can check'),
      claim_hash: plain("a hash of a code that only the company's administrators have"),
      issued_at: plain('an instant'),
    },
  },
  kysely_migration: {
    ...nobodys,
    ...lasting('it tells the version of the schema'),
    what: 'which migrations have run',
    why: 'so that the schema fits the program',
    columns: { name: plain('a migration'), timestamp: plain('an instant') },
  },
  kysely_migration_lock: {
    ...nobodys,
    ...lasting('it keeps migrations apart'),
    what: 'whether a migration is running',
    why: 'so that only one runs at a time',
    columns: { id: plain('a constant'), is_locked: plain('0 or 1') },
  },
} as const satisfies Record<string, Table>;

export const tables = { ...serviceTables, ...commercialTables, ...commonTables };
