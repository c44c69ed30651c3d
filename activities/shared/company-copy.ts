/**
 * The company's copy as a text of JSON, in pieces: however many people a company has, a page of them is in memory at a time.
 * Used by `offerExport`.
 */
import { EntityId, type DurableClient } from 'durable-functions';
import type { Secrets } from '../../clients/secrets.ts';
import { outboxKey, userPresenceKey } from '../../contracts/identities.ts';
import { aboutCompanyCopy, companyCopyParts } from '../../domain/company-copy.ts';
import { secretKindOf, type CopiedTable, type EntityName, type SecretKind } from '../../domain/data-map.ts';
import { sideSchema } from '../../domain/presence.ts';
import type { Store } from '../../store/store.ts';
import type { Row } from '../../store/tables.ts';

export interface CopySources {
  store: Pick<Store, 'copies' | 'mappings'>;
  secrets: Pick<Secrets, 'names'>;
  durable: Pick<DurableClient, 'readEntityState'>;
}

const pageSize = 500;
/** How many entities are read at once. */
const parallel = 10;

/** All that is kept about a company, as the data map has it. */
export async function* companyCopy(sources: CopySources, tenantId: string, at: Date): AsyncGenerator<string> {
  const about = aboutCompanyCopy(tenantId, at.toISOString());
  yield `{\n"about": ${JSON.stringify(about, undefined, 2)},\n"data": {`;
  let separator = '';
  for (const { id, items } of placesToCopy(sources, tenantId)) {
    yield `${separator}\n${JSON.stringify(id)}: `;
    yield* listOf(items);
    separator = ',';
  }
  yield '\n}\n}\n';
}

interface CopiedPlace {
  /** As the data map has it. */
  id: string;
  items: AsyncGenerator;
}

function* placesToCopy(sources: CopySources, tenantId: string): Generator<CopiedPlace> {
  const { tables, entities, secrets } = companyCopyParts();
  for (const table of tables) yield { id: `sql:${table}`, items: rowsOf(sources, tenantId, table) };
  for (const name of entities) yield { id: `entity:${name}`, items: statesOf(sources, tenantId, name) };
  const names = secretNames(sources, tenantId);
  for (const kind of secrets) yield { id: `secret:${kind}`, items: namesOfKind(names, kind) };
}

/** An item on each line. */
async function* listOf(items: AsyncGenerator): AsyncGenerator<string> {
  let separator = '[';
  for await (const item of items) {
    yield `${separator}\n${JSON.stringify(item)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : '\n]';
}

async function* rowsOf<T extends CopiedTable>(
  sources: CopySources,
  tenantId: string,
  table: T,
): AsyncGenerator<Row<T>> {
  for await (const page of pagesOf(sources, tenantId, table)) yield* page;
}

async function* pagesOf<T extends CopiedTable>(
  { store }: CopySources,
  tenantId: string,
  table: T,
): AsyncGenerator<Row<T>[]> {
  let after: Row<T> | undefined;
  do {
    const rows = await store.copies.rows(tenantId, table, { after, size: pageSize });
    yield rows;
    after = rows.length < pageSize ? undefined : rows.at(-1);
  } while (after !== undefined);
}

async function* statesOf(
  sources: CopySources,
  tenantId: string,
  name: EntityName,
): AsyncGenerator<{ key: string; state: unknown }> {
  let waiting: string[] = [];
  for await (const key of entityKeys[name](sources, tenantId)) {
    waiting.push(key);
    if (waiting.length < parallel) continue;
    yield* await readStates(sources, name, waiting);
    waiting = [];
  }
  yield* await readStates(sources, name, waiting);
}

async function readStates(
  { durable }: CopySources,
  name: EntityName,
  keys: readonly string[],
): Promise<{ key: string; state: unknown }[]> {
  const states = await Promise.all(
    keys.map(async (key) => {
      const { entityExists, entityState } = await durable.readEntityState<unknown>(new EntityId(name, key));
      return entityExists ? [{ key, state: entityState }] : [];
    }),
  );
  return states.flat();
}

type KeysOf = (sources: CopySources, tenantId: string) => AsyncGenerator<string>;

/** Under which keys a tenant may have entities of a kind. */
const entityKeys: Record<EntityName, KeysOf> = {
  tenant: async function* (_sources, tenantId) {
    yield tenantId;
  },
  userPresence: async function* (sources, tenantId) {
    for await (const { user_id: userId } of rowsOf(sources, tenantId, 'mappings')) {
      yield userPresenceKey(tenantId, userId);
    }
    // Somebody who is mapped no more may still have one.
    for await (const users of pagesOf(sources, tenantId, 'users')) {
      const ids = users.map((user) => user.user_id);
      const mappings = await sources.store.mappings.ofUsers(tenantId, ids);
      const mapped = new Set(mappings.map(({ userId }) => userId));
      for (const userId of ids) if (!mapped.has(userId)) yield userPresenceKey(tenantId, userId);
    }
  },
  presenceOutbox: async function* (_sources, tenantId) {
    for (const side of sideSchema.options) yield outboxKey(tenantId, side);
  },
};

/** The names of a tenant's secrets, listed once, when they are first asked for. */
function secretNames({ secrets }: CopySources, tenantId: string): () => Promise<string[]> {
  let listed: Promise<string[]> | undefined;
  const list = async () => {
    const { live, deleted } = await secrets.names();
    return [...live, ...deleted].filter((name) => name.includes(tenantId)).toSorted();
  };
  return () => (listed ??= list());
}

async function* namesOfKind(names: () => Promise<string[]>, kind: SecretKind): AsyncGenerator<string> {
  yield* (await names()).filter((name) => secretKindOf(name) === kind);
}
