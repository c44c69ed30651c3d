/** The words of the data map (`domain/data-map.ts`): what may be said about a place where data rests. */

/** Which promise of the privacy policy a place falls under, the strictest where it is several; `none` holds nothing of any customer's. */
export type Category = ErasedCategory | 'none';
/** What is erased by itself, at a time of its own. */
export const erasedCategories = ['service', 'licence', 'billing'] as const;
export type ErasedCategory = (typeof erasedCategories)[number];

/** Whose data it is. */
export type Subject = 'person' | 'company' | 'purchaser' | 'nobody';

/** What a datum tells, in words, and whether it tells it of a natural person. */
export const dataKinds = {
  name: { words: 'name', personal: true },
  mail: { words: 'mail address', personal: true },
  phone: { words: 'phone number', personal: true },
  job: { words: 'department or job title', personal: true },
  directoryId: { words: 'directory id (Entra object id)', personal: true },
  vendorId: { words: 'RingCentral extension id or number', personal: true },
  presence: { words: 'presence', personal: true },
  pseudonym: { words: 'keyed pseudonym', personal: true },
  /** Of the company, or of something of the company's at a vendor. */
  companyId: { words: 'company id', personal: false },
  token: { words: 'access and refresh tokens', personal: false },
  ownSecret: { words: "the product's own secrets", personal: false },
} as const satisfies Record<string, { words: string; personal: boolean }>;

export type DataKind = keyof typeof dataKinds;

type Service =
  | 'Azure SQL Database'
  | 'Azure Key Vault'
  | 'Azure Blob Storage'
  | 'Azure Storage (Durable Functions task hub)'
  | 'Azure Functions'
  | 'Azure Monitor';

/** What bounds the life of what a place holds; of several, whichever comes first. */
export type Limit =
  /** The erasure of its category (`retention.ts`). */
  | { readonly by: 'category' }
  | { readonly by: 'age'; readonly hours: number; readonly since: string }
  | { readonly by: 'number'; readonly most: number; readonly of: string }
  /** It goes with the work that it belongs to. */
  | { readonly by: 'use'; readonly until: string }
  /** It stays. */
  | { readonly by: 'nothing'; readonly why: string };

/** How a tenant's data goes from a place. `{…}` stands for an id. */
export type Erasure =
  /** All rows with the tenant's id. */
  | { readonly by: 'tenantRows' }
  /** Deleted, then purged; the kinds of secret one after the other, the smallest turn first. */
  | { readonly by: 'secretPurge'; readonly turn: number }
  /** Every blob whose name begins so. */
  | { readonly by: 'blobRemoval'; readonly container: string; readonly prefix: string }
  /** Its state is destroyed, and then the entity purged as the instance `@name@key`, or its rows would stay. */
  | { readonly by: 'entityPurge'; readonly key: string }
  /** What runs under ids like these is terminated; then all of it is purged with its history. */
  | { readonly by: 'instancePurge'; readonly ids: readonly string[] }
  /** With the instances and entities it is meant for: what is addressed to none is dropped. */
  | { readonly by: 'addressee' }
  /** One tenant's cannot be picked out: it goes when it is old enough, and why that is good enough. */
  | { readonly by: 'ageing'; readonly why: string }
  | { readonly by: 'nothing'; readonly why: string };

/** Which copies a place goes into: the one that a company may ask for, the one that a person may ask for. */
export type Copy =
  | { readonly into: readonly ['company'] | readonly ['company', 'person'] }
  /** The company's copy says which there are, not what they hold. */
  | { readonly into: 'namesOnly' }
  | { readonly into: 'none'; readonly why: string };

/** A place where data rests. */
export interface Place {
  readonly category: Category;
  readonly whose: readonly Subject[];
  readonly what: string;
  /** The purpose of the processing. */
  readonly why: string;
  readonly where: Service;
  readonly holds: readonly DataKind[];
  readonly kept: readonly [Limit, ...Limit[]];
  readonly erased: Erasure;
  readonly copied: Copy;
}

/** What a column holds: in words, and the kinds of data that are in it. */
export type Column = readonly [meaning: string, ...kinds: DataKind[]];

/** A table says what it holds column by column. */
export interface Table extends Omit<Place, 'where' | 'holds'> {
  readonly columns: Readonly<Record<string, Column>>;
}
