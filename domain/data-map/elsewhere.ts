/** The rest of the data map: secrets, blobs, logs, app settings, backups. */
import type * as secretNames from '../secret-names.ts';
import { databaseBackupHours, exportFileHours, telemetryHours } from './retention.ts';
import type { Erasure, Place } from './words.ts';

interface Secret extends Place {
  /** What secrets of this kind are called; `{…}` stands for an id. */
  readonly named: string;
  readonly erased: Extract<Erasure, { by: 'secretPurge' }>;
}

const ofVault = {
  category: 'service',
  where: 'Azure Key Vault',
  kept: [{ by: 'category' }],
  copied: { into: 'namesOnly' },
} as const;

/** Every kind of secret that has a name in `secret-names.ts`. */
export const secrets = {
  graphGrantName: {
    ...ofVault,
    named: 'graph-{tenantId}-{shard}',
    whose: ['company', 'person'],
    what: "a service user's grant at Microsoft: a refresh token, and the newest access token, which names the account",
    why: 'so that presence is read and written as the company has consented',
    holds: ['token', 'companyId', 'directoryId'],
    erased: { by: 'secretPurge', turn: 1 },
  },
  ringCentralGrantName: {
    ...ofVault,
    named: 'ringcentral-{tenantId}',
    whose: ['company'],
    what: "the administrator's grant at RingCentral: a refresh token, and the newest access token",
    why: 'so that presence is read and written as the company has consented',
    holds: ['token', 'companyId'],
    erased: { by: 'secretPurge', turn: 2 },
  },
  pseudonymKeyName: {
    ...ofVault,
    named: 'pseudonym-{tenantId}',
    whose: ['company'],
    what: "the key that makes telemetry's pseudonyms of a tenant and its people",
    why: 'so that telemetry can be told apart by company without naming any, and by nobody once the key is gone',
    holds: ['ownSecret', 'companyId'],
    // The last of all: what the erasure itself says in telemetry has its pseudonym from it.
    erased: { by: 'secretPurge', turn: 3 },
  },
} as const satisfies Record<keyof typeof secretNames, Secret>;

const inTables = ['name', 'mail', 'phone', 'job', 'directoryId', 'vendorId', 'companyId'] as const;

export const others = {
  'blobs:exports': {
    category: 'service',
    whose: ['person', 'company'],
    what: 'the copies that people and companies have asked for, one file for each request',
    why: 'so that whoever asked for a copy can fetch it',
    where: 'Azure Blob Storage',
    holds: [...inTables, 'presence'],
    kept: [{ by: 'age', hours: exportFileHours, since: 'it was made' }, { by: 'category' }],
    erased: { by: 'blobRemoval', container: 'exports', prefix: '{tenantId}/' },
    copied: { into: 'none', why: 'it is the copy' },
  },
  'blobs:receipts': {
    category: 'none',
    whose: ['nobody'],
    what: 'the receipts of erasures, as they are in erasure_receipts: counts and times, without any identifier',
    why: 'so that what was erased is erased again after the database was restored',
    where: 'Azure Blob Storage',
    holds: [],
    kept: [{ by: 'nothing', why: 'it proves erasures, and points at no customer' }],
    erased: { by: 'nothing', why: 'it proves erasures, and points at no customer' },
    copied: { into: 'none', why: 'it is about no customer' },
  },
  'log:telemetry': {
    category: 'service',
    whose: ['company', 'person'],
    what: "events and figures from a closed list, with keyed pseudonyms in place of a tenant's and a person's id",
    why: 'so that operators see trouble and find its cause',
    where: 'Azure Monitor',
    holds: ['pseudonym'],
    kept: [{ by: 'age', hours: telemetryHours, since: 'it was said' }],
    erased: {
      by: 'ageing',
      why: 'log stores take days to delete; with the pseudonym key gone, nothing in it points at anybody',
    },
    copied: { into: 'none', why: 'it holds pseudonyms only; what a company may read is in log_entries' },
  },
  'log:host': {
    category: 'none',
    whose: ['nobody'],
    what: 'what the Functions host says on its console: names of functions, how long they took',
    why: 'so that operators see whether the app runs',
    where: 'Azure Functions',
    holds: [],
    kept: [{ by: 'use', until: 'it has been looked at: it is not stored' }],
    erased: { by: 'nothing', why: 'it is not stored' },
    copied: { into: 'none', why: 'it is about no customer' },
  },
  'settings:app': {
    category: 'none',
    whose: ['nobody'],
    what: "the product's own secrets: at the vendors, for webhook addresses, the certificate for encrypted notifications",
    why: 'so that the vendors know us, and we know what comes from them',
    where: 'Azure Key Vault',
    holds: ['ownSecret'],
    kept: [{ by: 'nothing', why: 'they are replaced, not kept for a time' }],
    erased: { by: 'nothing', why: 'they are ours' },
    copied: { into: 'none', why: 'they are ours' },
  },
  'backups:sql': {
    category: 'service',
    whose: ['person', 'company', 'purchaser'],
    what: 'the automatic backups of the database, which cannot be read but only restored as a whole',
    why: 'so that an accident does not cost the customers their service',
    where: 'Azure SQL Database',
    holds: inTables,
    kept: [{ by: 'age', hours: databaseBackupHours, since: 'the row was erased' }],
    erased: {
      by: 'ageing',
      why: 'a backup cannot forget one row; after a restore all erasures are carried out again',
    },
    copied: { into: 'none', why: 'the copy is made from the database itself' },
  },
} as const satisfies Record<string, Place>;
