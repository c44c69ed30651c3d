/** The simulated Entra ID: tokens, keys, OpenID metadata and App Service's managed identity endpoint. */
import { Hono } from 'hono';
import type { Listening } from '../listen-on-loopback.ts';
import { serve } from '../serve.ts';
import type { Simulation } from '../simulation.ts';
import { VendorData } from '../vendor-data.ts';
import { AuthorizationCodes } from './authorization-codes.ts';
import { authorizeRoutes } from './authorize.ts';
import { Directory } from './directory.ts';
import { EntraError, entraErrorResponse, entraFault } from './entra-error.ts';
import { Grants } from './grants.ts';
import { managedIdentityToken, openManagedIdentity, type ManagedIdentity } from './managed-identity.ts';
import { openSigner, type Signer } from './signer.ts';
import { requestToken } from './token-endpoint.ts';
import { Tokens } from './tokens.ts';

export interface Entra {
  readonly url: string;
  readonly directory: Directory;
  readonly grants: Grants;
  readonly tokens: Tokens;
  readonly signer: Signer;
  /** The tenant that the hosted app lives in. */
  readonly homeTenantId: string;
  readonly identity: ManagedIdentity;
  close(): Promise<void>;
}

type Parts = Omit<Entra, 'url' | 'close'> & { codes: AuthorizationCodes };

/** Starts Entra ID on its data in `directory`, or in memory. */
export async function startEntra(
  simulation: Simulation,
  options: { directory?: string | undefined; port?: number | undefined } = {},
): Promise<Entra> {
  const data = new VendorData('entra', options.directory);
  const parts = await open(simulation, data);
  const serving: Listening = await serve(simulation, {
    vendor: 'entra',
    app: routes(simulation, parts, () => serving.url),
    refuse: (status, retryAfterSeconds) => entraFault(simulation.clock.now(), status, retryAfterSeconds),
    port: options.port,
  });
  const close = async (): Promise<void> => {
    await serving.close();
    data.close();
  };
  return { ...parts, url: serving.url, close };
}

async function open({ clock }: Simulation, data: VendorData): Promise<Parts> {
  const signer = await openSigner(data, clock);
  const directory = new Directory(data);
  const grants = new Grants(clock, data);
  const codes = new AuthorizationCodes(clock, data);
  const tokens = new Tokens({ clock, signer, grants, directory });
  const homeDomain = 'publisher.onmicrosoft.com';
  const home = directory.tenant(homeDomain) ?? directory.addTenant('Publisher', homeDomain);
  const identity = openManagedIdentity(data, home.tenantId);
  return { codes, directory, grants, tokens, signer, homeTenantId: home.tenantId, identity };
}

function routes({ clock }: Simulation, parts: Parts, url: () => string): Hono {
  const app = new Hono();
  for (const [version, path] of [
    [2, '/:tenant/oauth2/v2.0/token'],
    [1, '/:tenant/oauth2/token'],
  ] as const) {
    app.post(path, async (c) => {
      const answer = await requestToken(parts, {
        version,
        tenant: c.req.param('tenant'),
        contentType: c.req.header('content-type') ?? '',
        authorization: c.req.header('authorization'),
        body: await c.req.text(),
      });
      return c.json(answer, 200, { 'cache-control': 'no-store', pragma: 'no-cache' });
    });
  }
  authorizeRoutes(app, parts);
  app.get('/:tenant/discovery/v2.0/keys', (c) => c.json(parts.signer.jwks));
  app.get('/:tenant/v2.0/.well-known/openid-configuration', (c) =>
    c.json(openIdMetadata(parts.directory, url(), c.req.param('tenant'))),
  );
  app.get('/:tenant/.well-known/openid-configuration', (c) =>
    c.json(openIdMetadata(parts.directory, url(), c.req.param('tenant'))),
  );
  app.get('/msi/token', (c) =>
    managedIdentityToken({ ...parts, clock }, (name) => c.req.query(name), c.req.header('x-identity-header')),
  );
  app.onError((error) => {
    if (error instanceof EntraError) return entraErrorResponse(error, clock.now());
    throw error;
  });
  return app;
}

/** Issuers stay Microsoft's own; the endpoints are the simulator's. @throws EntraError for an unknown tenant. */
function openIdMetadata(directory: Directory, url: string, name: string): object {
  const isAny = name === 'common' || name === 'organizations';
  const tenant = directory.tenant(name);
  if (tenant === undefined && !isAny) throw new EntraError(90002);
  const issuerTenant = tenant?.tenantId ?? '{tenantid}';
  return {
    issuer: `https://login.microsoftonline.com/${issuerTenant}/v2.0`,
    authorization_endpoint: `${url}/${name}/oauth2/v2.0/authorize`,
    token_endpoint: `${url}/${name}/oauth2/v2.0/token`,
    jwks_uri: `${url}/${name}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['pairwise'],
    response_types_supported: ['code'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  };
}
