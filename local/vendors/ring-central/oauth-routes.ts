/** The token and revocation endpoints. */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { Directory } from './directory.ts';
import { OAuthError } from './errors.ts';
import type { Gate } from './gate.ts';
import type { Model, Session } from './model.ts';
import type { Lifetimes, Sessions } from './sessions.ts';

export interface OAuthParts {
  readonly model: Model;
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly codes: AuthorizationCodes;
  readonly gate: Gate;
}

const seconds = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number)
  .optional();
const common = { access_token_ttl: seconds, refresh_token_ttl: seconds, endpoint_id: z.string().optional() };

/** Unknown parameters are ignored, as RFC 6749 demands. */
const tokenRequestSchema = z.discriminatedUnion('grant_type', [
  z.object({ ...common, grant_type: z.literal('refresh_token'), refresh_token: z.string().min(1) }),
  z.object({
    ...common,
    grant_type: z.literal('authorization_code'),
    code: z.string().min(1),
    redirect_uri: z.string(),
    code_verifier: z.string().optional(),
  }),
]);

export function addOAuthRoutes(app: Hono, parts: OAuthParts): void {
  app.post('/restapi/oauth/token', async (context) => {
    const form = await clientForm(context, parts.model);
    const session = exchange(context, parts, form);
    return context.json(tokenInfo(session, parts.sessions), 200, { 'Cache-Control': 'no-store' });
  });

  app.post('/restapi/oauth/revoke', async (context) => {
    const form = await clientForm(context, parts.model);
    const session = parts.sessions.find(form['token'] ?? '');
    parts.gate.admit(context, session?.extensionId ?? `nobody ${form['token']}`, 'Auth');
    if (session === undefined) throw invalid('invalid_request', 'OAU-213', 'Token not found');
    parts.sessions.end(session);
    return context.body(null, 200);
  });
}

function exchange(context: Context, parts: OAuthParts, form: Record<string, string>): Session {
  const parsed = tokenRequestSchema.safeParse(form);
  if (!parsed.success) throw badTokenRequest(form, parsed.error);
  const request = parsed.data;
  const lifetimes: Lifetimes = { access: request.access_token_ttl, refresh: request.refresh_token_ttl };
  if (request.grant_type === 'refresh_token') {
    const { refresh_token: refreshToken } = request;
    const user = parts.sessions.find(refreshToken)?.extensionId;
    // The user of an unknown token is unknown too; such requests must not use up each other's budget.
    parts.gate.admit(context, user ?? `nobody ${refreshToken}`, 'Auth');
    requireEnabled(parts, parts.sessions.ownerOfRefreshToken(refreshToken).extensionId);
    return parts.sessions.refresh(refreshToken, lifetimes);
  }
  parts.gate.admit(
    context,
    parts.model.codes.get(request.code)?.extensionId ?? `nobody ${request.code}`,
    'Auth',
  );
  const owner = parts.codes.redeem({
    code: request.code,
    redirectUri: request.redirect_uri,
    codeVerifier: request.code_verifier,
  });
  requireEnabled(parts, owner.extensionId);
  return parts.sessions.begin({ ...owner, endpointId: request.endpoint_id }, lifetimes);
}

function requireEnabled(parts: OAuthParts, extensionId: string): void {
  if (parts.directory.extension(extensionId).status === 'Enabled') return;
  throw invalid('invalid_grant', 'OAU-236', 'Extension is disabled');
}

/** TokenInfo of the API reference. A pair handed out again tells the time that is left of it. */
function tokenInfo(session: Session, sessions: Sessions): Record<string, unknown> {
  const { accessToken, refreshToken } = session.current;
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: sessions.secondsLeft(accessToken),
    ...(refreshToken === undefined
      ? {}
      : { refresh_token: refreshToken, refresh_token_expires_in: sessions.secondsLeft(refreshToken) }),
    scope: session.scopes.join(' '),
    owner_id: session.extensionId,
    endpoint_id: session.endpointId,
    session_id: session.sessionId,
  };
}

/** The form of a request whose client proved its identity with HTTP Basic. @throws 415, 400 OAU-111, 401 OAU-146 */
async function clientForm(context: Context, model: Model): Promise<Record<string, string>> {
  if (!(context.req.header('Content-Type') ?? '').startsWith('application/x-www-form-urlencoded')) {
    const message = 'The content type must be application/x-www-form-urlencoded';
    throw new OAuthError(415, 'invalid_request', { errorCode: 'CMN-104', message });
  }
  const [id, secret] = basicCredentials(context.req.header('Authorization'));
  if (id !== model.app.clientId || secret !== model.app.clientSecret) {
    const detail = { errorCode: 'OAU-146', message: 'Invalid client credentials' };
    throw new OAuthError(401, 'invalid_client', detail);
  }
  const parameters = new URLSearchParams(await context.req.text());
  if (new Set(parameters.keys()).size < parameters.size) {
    throw invalid('invalid_request', 'OAU-111', 'Request parameter duplication detected');
  }
  return Object.fromEntries(parameters);
}

function basicCredentials(header: string | undefined): readonly string[] {
  const encoded = /^basic +(\S+)$/i.exec(header ?? '')?.[1] ?? '';
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? [] : [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

function badTokenRequest(form: Record<string, string>, error: z.ZodError): OAuthError {
  const field = String(error.issues[0]?.path[0] ?? 'grant_type');
  if (field !== 'grant_type') {
    return invalid('invalid_request', 'CMN-101', `Parameter [${field}] value is invalid.`);
  }
  const message = `The client is unauthorized for the required grant type: [${form['grant_type'] ?? ''}]`;
  return invalid('unsupported_grant_type', 'OAU-112', message);
}

function invalid(error: string, errorCode: string, message: string): OAuthError {
  return new OAuthError(400, error, { errorCode, message });
}
