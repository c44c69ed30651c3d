/** The simulated Key Vault on the network: the secrets part of its data plane. */
import { Hono, type Context } from 'hono';
import type { Tokens } from '../entra/tokens.ts';
import type { Listening } from '../listen-on-loopback.ts';
import { serve } from '../serve.ts';
import type { Simulation } from '../simulation.ts';
import { VendorData } from '../vendor-data.ts';
import { bundle, deletedItem, item, parseSet, parseUpdate } from './bundles.ts';
import { Vault } from './vault.ts';
import { badParameter, VaultError, vaultErrorResponse, vaultFault } from './vault-error.ts';

export interface KeyVault {
  readonly url: string;
  close(): Promise<void>;
}

export interface KeyVaultOptions {
  /** In Azure this data would be the vault owner's, not Microsoft's: it has a directory of its own. */
  readonly directory?: string | undefined;
  readonly port?: number | undefined;
  readonly tokens: Tokens;
  /** The tenant the vault trusts, and the one identity that may use it. */
  readonly tenantId: string;
  readonly allowedOid: string;
  /** 7 to 90. */
  readonly retentionDays: number;
  /** How long a deletion, and a purge, goes on after it was answered; 0 unless given. */
  readonly transitionSeconds?: number | undefined;
}

const apiVersions: ReadonlySet<string> = new Set([
  '7.0',
  '7.1',
  '7.2',
  '7.3',
  '7.4',
  '7.5',
  '7.6',
  '2025-07-01',
]);
const pageSize = 25;

export async function startKeyVault(simulation: Simulation, options: KeyVaultOptions): Promise<KeyVault> {
  const data = new VendorData('key-vault', options.directory);
  const vault = new Vault(simulation.clock, data, options);
  const serving: Listening = await serve(simulation, {
    vendor: 'keyVault',
    app: routes(vault, options, () => serving.url),
    refuse: vaultFault,
    port: options.port,
  });
  const close = async (): Promise<void> => {
    vault.close();
    await serving.close();
    data.close();
  };
  return { url: serving.url, close };
}

function routes(vault: Vault, options: KeyVaultOptions, url: () => string): Hono {
  const app = new Hono();
  app.use('*', async (c, next) => {
    const refused = await challenge(options, c);
    if (refused !== undefined) return refused;
    checkApiVersion(c);
    return next();
  });
  app.onError((error) => {
    if (error instanceof VaultError) return vaultErrorResponse(error);
    throw error;
  });
  app.notFound(() => vaultErrorResponse(new VaultError(404, 'NotFound', 'There is nothing at this path.')));
  secretRoutes(app, vault, () => ({ url: url(), retentionDays: vault.retentionDays }));
  deletedRoutes(app, vault, () => ({ url: url(), retentionDays: vault.retentionDays }));
  return app;
}

type Where = () => { url: string; retentionDays: number };

function secretRoutes(app: Hono, vault: Vault, where: Where): void {
  app.put('/secrets/:name', async (c) => {
    const { value, properties } = parseSet(await c.req.text());
    return c.json(bundle(where(), vault.set(c.req.param('name'), value, properties)));
  });
  app.get('/secrets', (c) =>
    page(
      c,
      where,
      vault.list().map((each) => item(where(), each, false)),
    ),
  );
  app.get('/secrets/:name/versions', (c) =>
    page(
      c,
      where,
      vault.versions(c.req.param('name')).map((each) => item(where(), each, true)),
    ),
  );
  app.get('/secrets/:name', (c) => c.json(bundle(where(), vault.get(c.req.param('name')))));
  app.get('/secrets/:name/', (c) => c.json(bundle(where(), vault.get(c.req.param('name')))));
  app.get('/secrets/:name/:version', (c) => {
    const { name, version } = c.req.param();
    return c.json(bundle(where(), vault.get(name, version)));
  });
  app.patch('/secrets/:name/:version?', async (c) => {
    const changed = vault.update(
      c.req.param('name'),
      c.req.param('version'),
      parseUpdate(await c.req.text()),
    );
    return c.json(item(where(), changed, true));
  });
  app.delete('/secrets/:name', (c) => c.json(deletedItem(where(), vault.delete(c.req.param('name')), true)));
}

function deletedRoutes(app: Hono, vault: Vault, where: Where): void {
  app.get('/deletedsecrets', (c) =>
    page(
      c,
      where,
      vault.listDeleted().map((each) => deletedItem(where(), each, false)),
    ),
  );
  app.get('/deletedsecrets/:name', (c) =>
    c.json(deletedItem(where(), vault.getDeleted(c.req.param('name')), true)),
  );
  app.post('/deletedsecrets/:name/recover', (c) =>
    c.json(item(where(), vault.recover(c.req.param('name')), true)),
  );
  app.delete('/deletedsecrets/:name', (c) => {
    vault.purge(c.req.param('name'));
    return c.body(null, 204);
  });
}

/** A call without a good token is told where to get one (Azure Key Vault, "Authentication, requests and responses"). */
async function challenge(options: KeyVaultOptions, c: Context): Promise<Response | undefined> {
  const token = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const oid = token === undefined ? undefined : await options.tokens.callerOfVault(token);
  if (oid === options.allowedOid) return undefined;
  if (oid !== undefined) {
    return vaultErrorResponse(
      new VaultError(
        403,
        'Forbidden',
        'Caller is not authorized to perform action on resource.',
        'ForbiddenByRbac',
      ),
    );
  }
  const text =
    token === undefined ? 'AKV10000: Request is missing a Bearer or PoP token.' : 'AKV10032: Invalid token.';
  const response = vaultErrorResponse(new VaultError(401, 'Unauthorized', text));
  const authority = `https://login.microsoftonline.com/${options.tenantId}`;
  response.headers.set(
    'www-authenticate',
    `Bearer authorization="${authority}", resource="https://vault.azure.net"`,
  );
  return response;
}

function checkApiVersion(c: Context): void {
  const version = c.req.query('api-version');
  if (version === undefined) throw badParameter('The api-version query parameter is missing.');
  if (!apiVersions.has(version)) throw badParameter(`The specified version (${version}) is not recognized.`);
}

/**
 * One page of a list. `$skiptoken` names the last of the page before, and no number of it: what is removed meanwhile must keep
 * none of the others from the list.
 */
function page(c: Context, where: Where, all: readonly { id: string }[]): Response {
  const size = Number(c.req.query('maxresults') ?? pageSize);
  if (!Number.isInteger(size) || size < 1 || size > pageSize)
    throw badParameter('maxresults must be 1 to 25.');
  const rest = all.slice(
    placeAfter(Buffer.from(c.req.query('$skiptoken') ?? '', 'base64url').toString(), all),
  );
  const value = rest.slice(0, size);
  const next = new URL(where().url + c.req.path);
  next.search = new URLSearchParams({
    'api-version': c.req.query('api-version') ?? '',
    $skiptoken: Buffer.from(value.at(-1)?.id ?? '').toString('base64url'),
    maxresults: String(size),
  }).toString();
  return c.json({ value, nextLink: size < rest.length ? next.href : null });
}

/** Where a list goes on after `id`, which may have been removed: lists of secrets are in the order of their names. */
function placeAfter(id: string, all: readonly { id: string }[]): number {
  const last = all.findIndex((each) => each.id === id);
  if (last >= 0) return last + 1;
  const next = all.findIndex((each) => each.id.toLowerCase() > id.toLowerCase());
  return next < 0 ? all.length : next;
}
