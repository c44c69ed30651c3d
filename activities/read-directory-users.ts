/**
 * Reads some pages of what has changed in a tenant's Microsoft directory, or of everybody where nothing is known yet or Graph
 * has forgotten where we were. Called by `syncDirectory`; run twice, it reads what it had not kept again.
 */
import type { GraphClient } from '../clients/graph/graph-client.ts';
import type { UserChanges } from '../clients/graph/user-changes.ts';
import type { readDirectoryUsers, UsersRead } from '../contracts/sync-directory.ts';
import { takeIn, type DirectoryUser, type UserSaid } from '../domain/directory-user.ts';
import type { Store } from '../store/store.ts';
import type { TenantRow } from '../store/tenants.ts';
import type { Effect } from './shared/activity.ts';
import { asDirectoryStep, isNobodyFound, nobodyFound, tenantOfRun } from './shared/directory-run.ts';

const side = 'teams';
/** Few enough to be read within an activity's patience. */
const pagesAtOnce = 10;

interface Dependencies {
  store: Store;
  graph: GraphClient;
  clock: () => Date;
}

interface Reading extends Dependencies {
  tenant: TenantRow;
  run: number;
}

/** Where the reading is: `wholeSince` is the run in which everybody began to be read, as long as that goes on. */
interface Position {
  link: string | undefined;
  wholeSince: number | undefined;
}

export function makeReadDirectoryUsers(dependencies: Dependencies): Effect<typeof readDirectoryUsers> {
  const { store } = dependencies;
  return async ({ tenantId, run }, tools) => {
    const tenant = await tenantOfRun(store, { tenantId, run });
    if (tenant === undefined) return { kind: 'over' };
    return asDirectoryStep(dependencies, tools, { tenantId, side }, () =>
      readPages({ ...dependencies, tenant, run }),
    );
  };
}

async function readPages(reading: Reading): Promise<UsersRead> {
  const { store, graph, tenant, run } = reading;
  const { tenantId } = tenant;
  const { usersLink, usersWholeSince } = await store.directorySyncs.find(tenantId);
  let position: Position = {
    link: usersLink,
    wholeSince: usersLink === undefined ? run : usersWholeSince,
  };
  for (let page = 0; page < pagesAtOnce; page++) {
    const changes = await graph.readUserChanges(tenant, position.link);
    if (changes === undefined) {
      position = { link: undefined, wholeSince: run };
      await note(reading, position);
      continue;
    }
    await take(reading, changes, position.wholeSince !== undefined);
    if (changes.more) position = { ...position, link: changes.link };
    else {
      if (!(await removeUnseen(reading, position.wholeSince))) return { kind: 'gaveUp', code: nobodyFound };
      position = { link: changes.link, wholeSince: undefined };
    }
    await note(reading, position);
    if (!changes.more) return { kind: 'read', more: false };
  }
  return { kind: 'read', more: true };
}

function note({ store, tenant, run }: Reading, { link, wholeSince }: Position): Promise<void> {
  return store.directorySyncs.noteUsers(tenant.tenantId, run, {
    usersLink: link,
    usersWholeSince: wholeSince,
  });
}

/** Keeps who is to be looked after, and forgets who is not any more. */
async function take(reading: Reading, { said, removedIds }: UserChanges, isWhole: boolean): Promise<void> {
  const { store, tenant, run, clock } = reading;
  const { tenantId } = tenant;
  const found = await store.users.find(
    tenantId,
    said.map(({ userId }) => userId),
  );
  const known = new Map(found.map((user) => [user.userId, user]));
  const kept: DirectoryUser[] = [];
  const dropped = [...removedIds];
  for (const each of said) {
    const user = await keptOf(reading, known.get(each.userId), each, isWhole);
    if (user === undefined) dropped.push(each.userId);
    else kept.push(user);
  }
  await store.users.upsert(tenantId, kept, clock(), run);
  if (dropped.length > 0) await store.users.remove(tenantId, dropped);
}

async function keptOf(
  { graph, tenant }: Reading,
  known: DirectoryUser | undefined,
  said: UserSaid,
  isWhole: boolean,
): Promise<DirectoryUser | undefined> {
  const taken = takeIn(known, said, isWhole);
  if (taken.kind !== 'ask') return taken.kind === 'keep' ? taken.user : undefined;
  const all = await graph.readUser(tenant, said.userId);
  const answered = all && takeIn(undefined, all, true);
  return answered?.kind === 'keep' ? answered.user : undefined;
}

/** Once everybody has been read, those who were not found are gone; false where nobody was found, which is not believed. */
async function removeUnseen({ store, tenant }: Reading, wholeSince: number | undefined): Promise<boolean> {
  if (wholeSince === undefined) return true;
  if (isNobodyFound(await store.users.census(tenant.tenantId, wholeSince))) return false;
  await store.users.removeUnseen(tenant.tenantId, wholeSince);
  return true;
}
