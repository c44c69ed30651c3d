/** How far a tenant's directories have been read, and when. */
import { readRow, type Database, type TenantTransaction } from './database.ts';
import type { Row } from './tables.ts';

interface DirectorySync {
  /** The number of the newest run; 0 before the first. */
  run: number;
  outcome: 'none' | 'underWay' | 'done' | 'failed';
  /** Why the last run that has ended has failed, if it has. */
  code: string | undefined;
  requestedAt: Date | undefined;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  /** Where Graph goes on; undefined before the first page of all. */
  usersLink: string | undefined;
  /** The run in which the reading of everybody began that is not done yet. */
  usersWholeSince: number | undefined;
}

export interface DirectorySyncs {
  find(tenantId: string): Promise<DirectorySync>;
  /** Begins a run, which takes the place of one that may be under way; answers its number. */
  begin(tenantId: string, at: Date): Promise<number>;
  /** Notes that the customer has asked for a run. */
  request(tenantId: string, at: Date): Promise<void>;
  /** Notes where Graph goes on, for as long as this is the newest run. */
  noteUsers(
    tenantId: string,
    run: number,
    reading: Pick<DirectorySync, 'usersLink' | 'usersWholeSince'>,
  ): Promise<void>;
  /** Ends the run if it is the newest; answers whether another has been asked for since it began. */
  end(
    tenantId: string,
    run: number,
    ended: { outcome: 'done' | 'failed'; code?: string | undefined; at: Date },
  ): Promise<boolean>;
}

type SyncRow = Row<'directory_syncs'>;

const none: SyncRow = {
  run: 0,
  outcome: 'none',
  code: null,
  requested_at: null,
  started_at: null,
  finished_at: null,
  users_link: null,
  users_whole_since: null,
};

export function makeDirectorySyncs(database: Database): DirectorySyncs {
  /** Changes the row, which is made if need be; `change` answers what differs, or undefined to leave it. */
  const change = (tenantId: string, from: (row: SyncRow) => Partial<SyncRow> | undefined) =>
    database.inTenant(tenantId).together(async (scope) => {
      const held = await read(scope);
      const before = held ?? none;
      const changed = from(before);
      if (changed === undefined) return before;
      const after = { ...before, ...changed };
      const { db } = scope;
      if (held === undefined) await db.insertInto('directory_syncs').values(after).execute();
      else await db.updateTable('directory_syncs').set(changed).execute();
      return after;
    });
  return {
    find: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const row = await db.selectFrom('directory_syncs').selectAll().executeTakeFirst();
      return toSync(row === undefined ? none : readRow('directory_syncs', row));
    },
    begin: async (tenantId, at) => {
      const begun = await change(tenantId, ({ run }) => ({
        run: run + 1,
        outcome: 'underWay',
        started_at: at.toISOString(),
      }));
      return begun.run;
    },
    request: async (tenantId, at) => {
      await change(tenantId, () => ({ requested_at: at.toISOString() }));
    },
    noteUsers: async (tenantId, run, { usersLink = null, usersWholeSince = null }) => {
      const noted = { users_link: usersLink, users_whole_since: usersWholeSince };
      await change(tenantId, (row) => (row.run === run ? noted : undefined));
    },
    end: async (tenantId, run, { outcome, code = null, at }) => {
      const ended = { outcome, code, finished_at: at.toISOString() };
      const row = await change(tenantId, (before) => (before.run === run ? ended : undefined));
      const isAskedAgain = row.requested_at !== null && row.requested_at > (row.started_at ?? '');
      return row.run === run && isAskedAgain;
    },
  };
}

async function read({ db }: TenantTransaction): Promise<SyncRow | undefined> {
  const row = await db.selectFrom('directory_syncs').selectAll().forUpdate().executeTakeFirst();
  return row === undefined ? undefined : readRow('directory_syncs', row);
}

function toSync(row: SyncRow): DirectorySync {
  const instant = (text: string | null) => (text === null ? undefined : new Date(text));
  return {
    run: row.run,
    outcome: row.outcome,
    code: row.code ?? undefined,
    requestedAt: instant(row.requested_at),
    startedAt: instant(row.started_at),
    finishedAt: instant(row.finished_at),
    usersLink: row.users_link ?? undefined,
    usersWholeSince: row.users_whole_since ?? undefined,
  };
}
