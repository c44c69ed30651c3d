/** Blob storage: how its containers are reached, and who signs links into that of exports. Used by `export-files.ts` and `receipt-blobs.ts`. */
import type { TokenCredential } from '@azure/identity';
import type {
  BlobClient,
  BlobServiceClient,
  ContainerClient,
  StoragePipelineOptions,
  UserDelegationKey,
} from '@azure/storage-blob';

/** The only container that exports lie in. */
export const exportsContainer = 'exports';

/** With an account's key, or in Azure as the app's managed identity. */
export type ExportStorageAccess =
  | { readonly connectionString: string }
  /** The blob service's address, for example https://account.blob.core.windows.net. */
  | { readonly url: string; readonly credential: TokenCredential };

export interface ExportStorage {
  readonly container: ContainerClient;
  /** Another container of the same account. */
  readonly containerOf: (name: string) => ContainerClient;
  /** An address that reads this blob, and does nothing else, until `expiresOn`. */
  readonly sign: (blob: BlobClient, expiresOn: Date, abortSignal: AbortSignal) => Promise<string>;
}

/** All that is called here may be repeated: the SDK does so, waiting 0, 0.5 and 1.5 seconds. */
const pipeline: StoragePipelineOptions = {
  retryOptions: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 2000 },
};

/** Loads the SDK, which every start of the app would wait for otherwise, and opens no connection yet. */
export async function openExportStorage(
  access: ExportStorageAccess,
  clock: () => Date,
): Promise<ExportStorage> {
  const sdk = await import('@azure/storage-blob');
  /** Plain http exists on loopback addresses only, see `config.ts`; there a link that asks for https could not be used. */
  const reading = (blob: BlobClient, expiresOn: Date) => ({
    permissions: sdk.BlobSASPermissions.parse('r'),
    expiresOn,
    ...(new URL(blob.url).protocol === 'https:' && { protocol: sdk.SASProtocol.Https }),
  });
  if ('connectionString' in access) {
    const service = sdk.BlobServiceClient.fromConnectionString(access.connectionString, pipeline);
    return {
      container: service.getContainerClient(exportsContainer),
      containerOf: (name) => service.getContainerClient(name),
      sign: (blob, expiresOn) => blob.generateSasUrl(reading(blob, expiresOn)),
    };
  }
  const service = new sdk.BlobServiceClient(access.url, access.credential, pipeline);
  const delegatedKey = makeDelegatedKey(service, clock);
  return {
    container: service.getContainerClient(exportsContainer),
    containerOf: (name) => service.getContainerClient(name),
    sign: async (blob, expiresOn, abortSignal) =>
      blob.generateUserDelegationSasUrl(reading(blob, expiresOn), await delegatedKey(expiresOn, abortSignal)),
  };
}

const hourMs = 3_600_000;
/** Azure allows up to seven days. */
const keyLastsMs = 6 * hourMs;
/** By how much clocks may differ (Azure Storage, "Best practices when using SAS"). */
const clockSkewMs = hourMs / 4;

/** The key that signs in the identity's name; asked for anew when it would not outlive the link. */
function makeDelegatedKey(service: BlobServiceClient, clock: () => Date) {
  let held: { key: UserDelegationKey; until: number } | undefined;
  return async (neededUntil: Date, abortSignal: AbortSignal): Promise<UserDelegationKey> => {
    if (held === undefined || held.until < neededUntil.getTime() + clockSkewMs) {
      const now = clock().getTime();
      const until = Math.max(now, neededUntil.getTime()) + keyLastsMs;
      const key = await service.getUserDelegationKey(new Date(now - clockSkewMs), new Date(until), {
        abortSignal,
      });
      held = { key, until };
    }
    return held.key;
  };
}
