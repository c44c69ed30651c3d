/** A customer's log as the portal would show it: entries of the app's own database, with their sentences. */
import { z } from 'zod';
import { inPlainEnglish } from '../../domain/customer-log-sentences.ts';
import { openStore } from '../../store/store.ts';
import { databaseFile } from './app-settings.ts';

const pageSize = 100;

/** What may be asked for: the entries before a sequence number, else the newest. */
export const logQuerySchema = z.object({ before: z.coerce.number().int().positive().optional() });

/** The newest entries first; undefined when there is no such customer. */
export async function readCustomerLog(
  appDataDir: string,
  subscriptionId: string,
  { before }: z.infer<typeof logQuerySchema>,
): Promise<object[] | undefined> {
  const store = await openStore({ file: databaseFile(appDataDir) });
  try {
    if ((await store.tenants.find(subscriptionId)) === undefined) return undefined;
    const page = { size: pageSize, ...(before !== undefined && { before }) };
    const entries = (await store.customerLog.page(subscriptionId, page)).map((entry) => ({
      ...entry,
      userId: entry.happening && 'userId' in entry.happening ? entry.happening.userId : undefined,
    }));
    const people = await store.users.find(
      subscriptionId,
      entries.flatMap(({ userId }) => userId ?? []),
    );
    const names = new Map(people.map((person) => [person.userId, person.displayName]));
    return entries.map(({ sequence, at, severity, happening, userId }) => ({
      sequence,
      at: at.toISOString(),
      severity,
      happening: happening ?? null,
      text: inPlainEnglish(happening, names.get(userId ?? '')),
    }));
  } finally {
    await store.close();
  }
}
