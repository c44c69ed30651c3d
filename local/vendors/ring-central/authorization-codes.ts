/** The authorization code flow: a page on which somebody of an account signs in, and codes that are used once. */
import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../clock/clock.ts';
import type { Directory } from './directory.ts';
import { OAuthError } from './errors.ts';
import { secret, type AuthorizationCode, type Model } from './model.ts';
import type { SessionOwner } from './sessions.ts';
import { signInPage } from './sign-in-page.ts';

/** Seconds; the redirect tells it as `expires_in`. */
const codeSeconds = 60;

const authorizationSchema = z.object({
  response_type: z.literal('code'),
  client_id: z.string(),
  redirect_uri: z.url(),
  state: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.literal('S256').optional(),
});

type AuthorizationRequest = z.infer<typeof authorizationSchema>;

interface CodeParts {
  readonly model: Model;
  readonly directory: Directory;
  readonly clock: Clock;
  /** What a login grants. */
  readonly scopes: readonly string[];
}

export class AuthorizationCodes {
  readonly #parts: CodeParts;

  constructor(parts: CodeParts) {
    this.#parts = parts;
  }

  issue(code: Omit<AuthorizationCode, 'expiresAt'>): string {
    const text = secret(24);
    this.#parts.model.codes.put(text, { ...code, expiresAt: this.#parts.clock.now() + codeSeconds * 1000 });
    return text;
  }

  /** Who signed in, once. @throws OAuthError invalid_grant with OAU-106, OAU-108 or OAU-109 */
  redeem(proof: { code: string; redirectUri: string; codeVerifier: string | undefined }): SessionOwner {
    const code = this.#parts.model.codes.get(proof.code);
    this.#parts.model.codes.delete(proof.code);
    if (code === undefined) throw invalidGrant('OAU-106', 'Invalid authorization code');
    if (this.#parts.clock.now() >= code.expiresAt)
      throw invalidGrant('OAU-108', 'Authorization code is expired');
    if (code.redirectUri !== proof.redirectUri) throw invalidGrant('OAU-109', 'Redirect URIs do not match');
    if (code.codeChallenge !== challengeOf(proof.codeVerifier)) {
      throw invalidGrant('OAU-106', 'Invalid authorization code');
    }
    const { accountId, extensionId } = this.#parts.directory.extension(code.extensionId);
    return { accountId, extensionId, scopes: this.#parts.scopes };
  }

  /** The sign-in page and what its buttons do. */
  addRoutes(app: Hono): void {
    app.get('/restapi/oauth/authorize', (context) => {
      const request = this.#read(context.req.query());
      return context.html(this.#page(request));
    });
    app.post('/restapi/oauth/authorize', async (context) => {
      const form = Object.fromEntries(new URLSearchParams(await context.req.text()));
      return this.#signIn(context, this.#read(form), form['extension_id']);
    });
  }

  #signIn(context: Context, request: AuthorizationRequest, extensionId: string | undefined): Response {
    const target = new URL(request.redirect_uri);
    if (request.state !== undefined) target.searchParams.set('state', request.state);
    if (extensionId === undefined) {
      target.searchParams.set('error', 'access_denied');
      return context.redirect(target.href);
    }
    const { redirect_uri: redirectUri, code_challenge: codeChallenge } = request;
    const owner = this.#parts.directory.extension(extensionId);
    const code = this.issue({
      extensionId: owner.extensionId,
      redirectUri,
      ...(codeChallenge === undefined ? {} : { codeChallenge }),
    });
    target.searchParams.set('code', code);
    target.searchParams.set('expires_in', String(codeSeconds));
    return context.redirect(target.href);
  }

  #read(parameters: Record<string, string>): AuthorizationRequest {
    // The SDK sends parameters that were not given as empty ones.
    const sent = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));
    const parsed = authorizationSchema.safeParse(sent);
    if (!parsed.success) {
      const name = String(parsed.error.issues[0]?.path[0]);
      const message = `Parameter [${name}] value is invalid.`;
      throw new OAuthError(400, 'invalid_request', { errorCode: 'CMN-101', message });
    }
    if (parsed.data.client_id !== this.#parts.model.app.clientId) {
      throw new OAuthError(400, 'invalid_client', { errorCode: 'OAU-120', message: 'Wrong Application ID' });
    }
    return parsed.data;
  }

  /** Administrators first: they are the ones who connect a whole account. */
  #page(request: AuthorizationRequest): string {
    const accounts = this.#parts.directory.accounts();
    const people = accounts.flatMap((account) => this.#parts.directory.extensions(account.accountId));
    const users = people.filter(({ type, status }) => type === 'User' && status === 'Enabled');
    users.sort((one, other) => Number(other.admin) - Number(one.admin));
    return signInPage(request, users);
  }
}

function challengeOf(verifier: string | undefined): string | undefined {
  return verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url');
}

function invalidGrant(errorCode: string, message: string): OAuthError {
  return new OAuthError(400, 'invalid_grant', { errorCode, message });
}
