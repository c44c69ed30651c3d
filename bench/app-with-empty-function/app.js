/** The product with one function more that does nothing, to measure the others against on the same host. */
import { app } from '@azure/functions';
import '../../dist/app.js';

app.http('empty', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'empty',
  handler: () => ({ status: 202 }),
});
