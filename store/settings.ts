/** A tenant's settings, version by version. */
import { z } from 'zod';
import { StoreError } from '../domain/store-error.ts';
import { fitting, readJson, readRow, type Database } from './database.ts';

interface SettingsVersion {
  /** Counts from 1. */
  version: number;
  /** Whatever JSON holds; who reads it parses it. */
  body: unknown;
  changedAt: Date;
}

export interface Settings {
  /** The version that holds, or undefined where nothing was ever set. */
  newest(tenantId: string): Promise<SettingsVersion | undefined>;
  find(tenantId: string, version: number): Promise<SettingsVersion | undefined>;
  /**
   * Adds a version after `after` (0 where there is none) and answers its number. Saving the very same again is no new
   * version. Rejects with `StoreError` (`conflict`) where somebody else has saved another meanwhile.
   */
  save(tenantId: string, body: unknown, place: { after: number; at: Date }): Promise<number>;
}

export function makeSettings(database: Database): Settings {
  return {
    newest: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const row = await db
        .selectFrom('settings')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toVersion(row);
    },
    find: async (tenantId, version) => {
      const { db } = database.inTenant(tenantId);
      const row = await db
        .selectFrom('settings')
        .selectAll()
        .where('version', '=', version)
        .executeTakeFirst();
      return row && toVersion(row);
    },
    save: (tenantId, body, { after, at }) =>
      database.inTenant(tenantId).together(async ({ db }) => {
        const row = fitting('settings', {
          version: after + 1,
          body: JSON.stringify(body),
          changed_at: at.toISOString(),
        });
        const newer = await db
          .selectFrom('settings')
          .select(['version', 'body'])
          .where('version', '>=', after)
          .forUpdate()
          .execute();
        const saved = newer.find((each) => each.version === row.version);
        if (saved?.body === row.body && newer.every((each) => each.version <= row.version))
          return row.version;
        const isNext = after === 0 ? newer.length === 0 : newer.length === 1 && newer[0]?.version === after;
        if (!isNext) throw new StoreError('conflict', 'settings.version');
        await db.insertInto('settings').values(row).execute();
        return row.version;
      }),
  };
}

function toVersion(held: unknown): SettingsVersion {
  const row = readRow('settings', held);
  const body = readJson(z.unknown(), row.body, 'settings.body');
  return { version: row.version, body, changedAt: new Date(row.changed_at) };
}
