/** The chain of receipts, for whoever wants to check that what was due was erased. It names nobody, so anybody may read it. */
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Receipt } from '../domain/erasure-receipt.ts';
import { problem } from './answers.ts';

interface Dependencies {
  ledger: { page(page: number, size: number): Promise<Receipt[]> };
  /** A PEM text. */
  publicKey: string;
}

const pageSize = 100;
/** Links are numbered with 32 bits: there are never more pages. */
const pageSchema = z
  .string()
  .regex(/^\d{1,7}$/)
  .transform(Number);

export function registerErasureReceipts({ ledger, publicKey }: Dependencies): void {
  app.http('erasureReceipts', {
    methods: ['GET'],
    authLevel: 'anonymous',
    route: 'erasure-receipts',
    handler: (request) => answerPage(ledger, request, publicKey),
  });
  app.http('erasureReceiptsKey', {
    methods: ['GET'],
    authLevel: 'anonymous',
    route: 'erasure-receipts/key',
    handler: async () => ({ jsonBody: { algorithm: 'Ed25519', publicKey } }),
  });
}

async function answerPage(
  ledger: Dependencies['ledger'],
  request: HttpRequest,
  publicKey: string,
): Promise<HttpResponseInit> {
  const page = pageSchema.safeParse(request.query.get('page') ?? '0');
  if (!page.success) {
    return problem(400, 'There is no such page.', { page: 'must be a number from 0' });
  }
  const receipts = await ledger.page(page.data, pageSize);
  const next = receipts.length === pageSize ? { next: page.data + 1 } : {};
  return { jsonBody: { page: page.data, ...next, publicKey, receipts } };
}
