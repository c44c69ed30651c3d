/** Who calls Microsoft Graph and whether the token's permissions allow it (Microsoft Graph permissions reference). */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { Caller, CallerRefusal, Tokens } from '../entra/tokens.ts';
import { badRequest, GraphError } from './graph-error.ts';

/** What a route's handler finds in its context. */
export interface GraphEnv {
  Variables: { caller: Caller };
}

const refusals: Readonly<Record<CallerRefusal, string>> = {
  expired: 'Lifetime validation failed, the token is expired.',
  malformed: 'IDX14100: JWT is not well formed, there are no dots (.).',
  audience: 'Access token validation failure. Invalid audience.',
  signature: 'Signing key is invalid.',
  revoked:
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp.',
};

/** The caller behind an Authorization header. @throws GraphError 401 */
export async function authenticate(tokens: Tokens, authorization: string | undefined): Promise<Caller> {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new GraphError(401, 'InvalidAuthenticationToken', 'Access token is empty.');
  const caller = await tokens.callerOfGraph(token);
  if (typeof caller === 'string') throw new GraphError(401, 'InvalidAuthenticationToken', refusals[caller]);
  return caller;
}

/** Any one permission of the list for the kind of caller; an empty list means that kind is not supported. */
export interface Permissions {
  readonly delegated: readonly string[];
  readonly application: readonly string[];
}

/** @throws GraphError 403 with `code` when the caller has none of these permissions. */
export function demand(caller: Caller, permissions: Permissions, code = 'Forbidden'): void {
  const held = caller.kind === 'user' ? caller.scopes : caller.roles;
  const enough = caller.kind === 'user' ? permissions.delegated : permissions.application;
  if (enough.some((name) => held.includes(name))) return;
  throw new GraphError(403, code, 'Insufficient privileges to complete the operation.');
}

/** A JSON body, parsed strictly. @throws GraphError 400 */
export async function readBody<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await c.req.text();
  const contentType = c.req.header('content-type') ?? '';
  if (text !== '' && !contentType.toLowerCase().startsWith('application/json')) {
    throw badRequest('Write requests (excluding DELETE) must contain the Content-Type header declaration.');
  }
  let json: unknown;
  try {
    json = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw badRequest(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`Invalid value for ${issue?.path.join('.') ?? 'the body'}: ${issue?.message ?? ''}`);
}
