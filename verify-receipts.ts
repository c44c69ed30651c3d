/**
 * `npm run verify-receipts -- <url or file>`: checks the receipts of erasures, from the app's own list or from a file in the
 * same form: every hash, every signature, and that none is missing, changed or out of its place.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { makeReceiptProof } from './clients/receipts.ts';
import { brokenLink, receiptSchema } from './domain/erasure-receipt.ts';

const usage = `Usage: npm run verify-receipts -- <url or file> [options]

Checks the chain of receipts at an app's address (https://hub.example.com) or in a file: {"publicKey", "receipts"}.
  --key FILE       the public key to trust, a PEM file; without it the one that comes with the receipts
  --newest HASH    a hash that was seen before: that its receipt, and so all before it, are still there
`;

const pageSchema = z.object({
  publicKey: z.string(),
  receipts: z.array(z.unknown()),
  next: z.int().optional(),
});

const { values, positionals } = parseArgs({
  options: { key: { type: 'string' }, newest: { type: 'string' }, help: { type: 'boolean' } },
  allowPositionals: true,
});
const [source, ...others] = positionals;

if (source === undefined || others.length > 0 || values.help === true) {
  process.stdout.write(usage);
  process.exitCode = values.help === true ? 0 : 2;
} else {
  const { publicKey, receipts } = /^https?:/.test(source)
    ? await readFromApp(source)
    : await readPage(source);
  const trusted = values.key === undefined ? publicKey : await readFile(values.key, 'utf8');
  const fault = faultIn(receipts, trusted);
  process.stdout.write(fault ?? `All ${receipts.length} receipts are in order.${newest(receipts)}\n`);
  process.exitCode = fault === undefined ? 0 : 1;
}

function faultIn(receipts: unknown[], publicKey: string): string | undefined {
  const broken = brokenLink(receipts, makeReceiptProof(publicKey));
  if (broken !== undefined) {
    const meaning = {
      misshapen: 'is no receipt',
      outOfOrder: 'does not follow on the one before it',
      changed: 'is not as it was when it was signed',
      unsigned: 'has no signature of this key',
    }[broken.fault];
    return `Receipt ${broken.link} of ${receipts.length} ${meaning}.\n`;
  }
  const seen = values.newest;
  const isMissing = seen !== undefined && receipts.every((each) => receiptSchema.parse(each).hash !== seen);
  return isMissing ? `The receipt with the hash ${seen} is missing.\n` : undefined;
}

function newest(receipts: unknown[]): string {
  const last = receipts.at(-1);
  return last === undefined ? '' : ` The newest has the hash ${receiptSchema.parse(last).hash}.`;
}

async function readFromApp(address: string): Promise<z.infer<typeof pageSchema>> {
  const list = new URL('/api/erasure-receipts', address);
  const receipts: unknown[] = [];
  let page: z.infer<typeof pageSchema>;
  let number: number | undefined = 0;
  do {
    list.searchParams.set('page', String(number));
    const response = await fetch(list);
    if (!response.ok) throw new Error(`The app answers with HTTP ${response.status}.`);
    page = pageSchema.parse(await response.json());
    receipts.push(...page.receipts);
    number = page.next;
  } while (number !== undefined);
  return { ...page, receipts };
}

async function readPage(file: string): Promise<z.infer<typeof pageSchema>> {
  return pageSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
