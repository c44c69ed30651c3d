/** Tokens of the app's managed identity, from the endpoint that App Service names in the environment. */
import { z } from 'zod';

const tokenSourceShape = z.looseObject({
  kind: z.literal('AzureManagedIdentity'),
  resource: z.string().min(1),
});
const answerShape = z.looseObject({ access_token: z.string().min(1) });

/**
 * A bearer token for the `tokenSource` of callHttp (App Service, REST endpoint reference of managed identities).
 * @throws when there is no identity here, or it gets no token.
 */
export async function managedIdentityToken(tokenSource: unknown): Promise<string> {
  const { resource } = tokenSourceShape.parse(tokenSource);
  const endpoint = process.env['IDENTITY_ENDPOINT'];
  if (endpoint === undefined) {
    throw new Error(
      `No managed identity to call '${resource}' with: set IDENTITY_ENDPOINT and IDENTITY_HEADER to an endpoint that gives tokens.`,
    );
  }
  const url = new URL(endpoint);
  url.searchParams.set('api-version', '2019-08-01');
  url.searchParams.set('resource', resource);
  const headers = { 'x-identity-header': process.env['IDENTITY_HEADER'] ?? '' };
  const response = await fetch(url, { headers });
  if (!response.ok)
    throw new Error(`The managed identity got no token for '${resource}': ${response.status}.`);
  return answerShape.parse(await response.json()).access_token;
}
