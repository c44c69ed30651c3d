/** `npm run migrate`: brings the schema of the database that the app settings name up to date. Run at each deployment, before the app. */
import { readDatabaseConfig } from './config.ts';
import { migrate } from './store/migrate.ts';
import { openSettings } from './store/store.ts';

const database = openSettings(readDatabaseConfig());
try {
  const names = await migrate(database);
  process.stdout.write(names.length === 0 ? 'Nothing to do.\n' : `Done: ${names.join(', ')}\n`);
} finally {
  await database.close();
}
