/** Writes the company's copy as a file that the customer can fetch. Called by `cancelTenant` and `exportCopy`. */
import type { Secrets } from '../clients/secrets.ts';
import type { offerExport } from '../contracts/offer-export.ts';
import { toldOfExport } from '../domain/customer-log-occasions.ts';
import { canBeCopied } from '../domain/customer-status.ts';
import { companyCopyFile, type ExportFiles } from '../store/export-files.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { companyCopy } from './shared/company-copy.ts';
import { tellCustomer } from './shared/customer-log.ts';

interface Dependencies {
  store: Store;
  secrets: Pick<Secrets, 'names'>;
  exportFiles: Pick<ExportFiles, 'write' | 'remove'>;
  clock: () => Date;
}

const notWritten = { written: false, bytes: 0 };

export function makeOfferExport(dependencies: Dependencies): Effect<typeof offerExport> {
  const { store, secrets, exportFiles, clock } = dependencies;
  const isThere = async (tenantId: string): Promise<boolean> => {
    const subscription = await store.subscriptions.find(tenantId);
    const deletions = await store.dueDeletions.of(tenantId);
    return canBeCopied(subscription?.state ?? 'forgotten', deletions, clock());
  };
  return async ({ tenantId, asked }, tools) => {
    if (!(await isThere(tenantId))) return notWritten;
    const file = companyCopyFile(tenantId);
    const copy = counted(companyCopy({ store, secrets, durable: tools.durable }, tenantId, clock()));
    await exportFiles.write(tenantId, file, copy.content);
    if (!(await isThere(tenantId))) {
      // The erasure has begun meanwhile, and may have passed by the file before it was there.
      await exportFiles.remove(tenantId, file);
      return notWritten;
    }
    await tellCustomer(dependencies, tools, tenantId, { told: [toldOfExport(asked)] });
    return { written: true, bytes: copy.bytes() };
  };
}

function counted(content: AsyncIterable<string>): { content: AsyncIterable<string>; bytes: () => number } {
  let bytes = 0;
  async function* counting(): AsyncGenerator<string> {
    for await (const part of content) {
      bytes += Buffer.byteLength(part);
      yield part;
    }
  }
  return { content: counting(), bytes: () => bytes };
}
