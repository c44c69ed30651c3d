/**
 * The copy that a company may ask for: which places of the data map go into it, and what is said about it at its beginning,
 * so that it can be read by somebody who knows nothing of the product.
 */
import { columnsOf, places, type CopiedTable, type EntityName, type SecretKind } from './data-map.ts';
import { entities } from './data-map/durable.ts';
import { secrets } from './data-map/elsewhere.ts';
import { tables } from './data-map/tables.ts';
import { dataKinds, type Place } from './data-map/words.ts';

/** By what each place goes into the copy. */
export interface CompanyCopyParts {
  tables: CopiedTable[];
  entities: EntityName[];
  /** By name, without what they hold. */
  secrets: SecretKind[];
}

/** Everything that the data map says goes into a company's copy. */
export function companyCopyParts(): CompanyCopyParts {
  return {
    tables: namesIn(tables) as CopiedTable[],
    entities: namesIn(entities),
    secrets: namesIn(secrets),
  };
}

function namesIn<Name extends string>(map: Readonly<Record<Name, Pick<Place, 'copied'>>>): Name[] {
  return (Object.keys(map) as Name[]).filter((name) => map[name].copied.into !== 'none');
}

/** What the copy says about itself. */
export interface AboutCompanyCopy {
  what: string;
  howToRead: string;
  subscription: string;
  madeAt: string;
  places: Record<string, AboutPlace>;
  /** What is kept of the company and not in the copy, and why not. */
  leftOut: Record<string, { what: string; why: string }>;
}

interface AboutPlace {
  what: string;
  purpose: string;
  where: string;
  /** The columns of a table, in words. */
  fields?: Record<string, string>;
  /** The kinds of data where it has no columns. */
  kinds?: string[];
}

/** What stands at the beginning of the copy made at the instant `madeAt`. */
export function aboutCompanyCopy(tenantId: string, madeAt: string): AboutCompanyCopy {
  const about: AboutCompanyCopy = {
    what: 'A copy of all that Presence Hub keeps about your company and its people, made for your company.',
    howToRead:
      'Under "data" there is a list for each place where something is kept; under "places" stands what each of them ' +
      'holds, what for, and what its fields mean. All instants are in UTC. Secrets are listed by name, without their values.',
    subscription: tenantId,
    madeAt,
    places: {},
    leftOut: {},
  };
  for (const [id, place] of places) {
    const isOfCustomer = place.category !== 'none';
    if (place.copied.into !== 'none') about.places[id] = aboutPlace(id, place);
    else if (isOfCustomer) about.leftOut[id] = { what: place.what, why: place.copied.why };
  }
  return about;
}

function aboutPlace(id: string, { what, why, where, holds }: Place): AboutPlace {
  const words = { what, purpose: why, where };
  const [kind, name = ''] = id.split(':', 2);
  if (kind !== 'sql') return { ...words, kinds: holds.map((each) => dataKinds[each].words) };
  const columns = Object.entries(columnsOf(name as CopiedTable));
  // Whose rows they are is said once, for the whole copy.
  const meanings = columns.filter(([column]) => column !== 'tenant_id');
  return { ...words, fields: Object.fromEntries(meanings.map(([column, [meaning]]) => [column, meaning])) };
}
