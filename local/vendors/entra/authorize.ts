/** Sign-in and consent in a browser (Microsoft identity platform, "OAuth 2.0 authorization code flow", "Admin consent"). */
import { html } from 'hono/html';
import type { Hono } from 'hono';
import { z } from 'zod';
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { Directory, DirectoryUser } from './directory.ts';
import type { Application, Grants } from './grants.ts';
import { grantedOf, parseScopes } from './scopes.ts';

export interface AuthorizeParts {
  readonly directory: Directory;
  readonly grants: Grants;
  readonly codes: AuthorizationCodes;
}

/** Which redirect addresses are registered is not simulated: every https and every loopback one is. */
const redirectUri = z.url().refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
});
const authorizeQuery = z.object({
  client_id: z.string(),
  response_type: z.literal('code'),
  redirect_uri: redirectUri,
  scope: z.string().min(1),
  response_mode: z.literal('query').optional(),
  state: z.string().optional(),
  nonce: z.string().optional(),
  login_hint: z.string().optional(),
  code_challenge: z.string().min(43).max(128).optional(),
  code_challenge_method: z.literal('S256').optional(),
});
type AuthorizeQuery = z.output<typeof authorizeQuery>;
const consentQuery = z.object({
  client_id: z.string(),
  redirect_uri: redirectUri,
  scope: z.string().min(1),
  state: z.string().optional(),
});

const mostShown = 50;

export function authorizeRoutes(app: Hono, parts: AuthorizeParts): void {
  app.get('/:tenant/oauth2/v2.0/authorize', (c) => {
    const query = authorizeQuery.safeParse(c.req.query());
    const application = parts.grants.application(c.req.query('client_id') ?? '');
    if (!query.success || application === undefined) return c.html(refusalPage(query.error), 400);
    const users = usersAt(parts.directory, c.req.param('tenant'));
    const hint = query.data.login_hint?.toLowerCase();
    const user = users.find(({ userPrincipalName }) => userPrincipalName === hint);
    if (user === undefined) return c.html(choicePage(c.req.url, users));
    return c.redirect(signIn(parts, { application, user, query: query.data }));
  });
  app.get('/:tenant/v2.0/adminconsent', (c) => {
    const query = consentQuery.safeParse(c.req.query());
    const application = parts.grants.application(c.req.query('client_id') ?? '');
    if (!query.success || application === undefined) return c.html(refusalPage(query.error), 400);
    const name = c.req.param('tenant');
    if (name === 'organizations') return c.html(tenantPage(c.req.url, parts.directory));
    const tenant = parts.directory.tenant(name);
    if (tenant === undefined) return c.html(refusalPage(undefined), 400);
    parts.grants.consent(tenant.tenantId, application);
    const { redirect_uri: to, state, scope } = query.data;
    return c.redirect(redirect(to, { admin_consent: 'True', tenant: tenant.tenantId, scope, state }));
  });
}

/** Where the browser goes once this user has signed in: with a code, or with the reason why not. */
function signIn(
  { grants, codes }: AuthorizeParts,
  { application, user, query }: { application: Application; user: DirectoryUser; query: AuthorizeQuery },
): string {
  const { redirect_uri: to, state, nonce, code_challenge: challenge } = query;
  const { permissions, openId } = parseScopes(query.scope);
  const consent = grants.consentOf(user.tenantId, application.clientId);
  if (permissions.length > 0 && consent === undefined) {
    return redirect(to, {
      error: 'access_denied',
      error_description: 'AADSTS90094: An administrator of the organization must grant the permissions.',
      state,
    });
  }
  const scopes = permissions.length === 0 ? [] : grantedOf(permissions, consent?.scopes ?? []);
  const grant = grants.grant(user, application.clientId, scopes);
  const code = codes.issue({ grantId: grant.grantId, redirectUri: to, openId, challenge, nonce });
  return redirect(to, { code, state, session_state: grant.grantId });
}

function redirect(to: string, parameters: Record<string, string | undefined>): string {
  const url = new URL(to);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

function usersAt(directory: Directory, tenant: string): DirectoryUser[] {
  const isAny = ['common', 'organizations'].includes(tenant);
  const tenants = directory
    .tenants()
    .filter(({ tenantId }) => isAny || directory.tenant(tenant)?.tenantId === tenantId);
  return tenants
    .flatMap(({ tenantId }) => directory.usersOf(tenantId))
    .filter(({ accountEnabled }) => accountEnabled);
}

type Page = ReturnType<typeof html>;

function choicePage(here: string, users: readonly DirectoryUser[]): Page {
  // Service accounts and the like first: they are the ones who mostly sign in to applications.
  const shown = users
    .toSorted((one, other) => Number(one.licensed) - Number(other.licensed))
    .slice(0, mostShown);
  const links = shown.map(({ displayName, userPrincipalName }) => {
    const url = new URL(here);
    url.searchParams.set('login_hint', userPrincipalName);
    return html`<li><a href="${url.pathname}${url.search}">${displayName} (${userPrincipalName})</a></li>`;
  });
  return page('Pick an account', links);
}

function tenantPage(here: string, directory: Directory): Page {
  const links = directory.tenants().map(({ tenantId, displayName }) => {
    const url = new URL(here);
    return html`<li><a href="/${tenantId}/v2.0/adminconsent${url.search}">Accept for ${displayName}</a></li>`;
  });
  return page('Permissions requested', links);
}

function refusalPage(error: z.ZodError | undefined): Page {
  const name = String(error?.issues[0]?.path[0] ?? 'client_id');
  return page(`AADSTS900144: The parameter ${name} is missing or not valid.`, []);
}

function page(title: string, links: readonly Page[]): Page {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>Sign in (simulated)</title>
      <h1>${title}</h1>
      <ul>
        ${links}
      </ul>
    </html>`;
}
