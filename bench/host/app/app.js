/** What `npm run bench:host` runs on the host. */
import { app } from '@azure/functions';
import { register } from './functions.js';

register();

app.timer('everyMidnight', { schedule: '0 0 0 * * *', handler: () => undefined });
