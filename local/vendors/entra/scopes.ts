/** Reads the `scope` parameter of a token request (Microsoft identity platform, "Scopes and permissions"). */
import { EntraError } from './entra-error.ts';

export const graphResource = 'https://graph.microsoft.com';
const graphPrefix = `${graphResource}/`;
/** OpenID Connect scopes belong to no resource. */
const openIdScopes: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access']);

export interface AskedScopes {
  /** Permissions of Microsoft Graph, without its prefix; '.default' stands for all consented ones. */
  readonly permissions: readonly string[];
  readonly openId: readonly string[];
}

/** @throws EntraError when a scope belongs to another resource than Microsoft Graph. */
export function parseScopes(parameter: string): AskedScopes {
  const names = parameter.split(' ').filter((name) => name !== '');
  const openId = names.filter((name) => openIdScopes.has(name.toLowerCase()));
  const permissions = names
    .filter((name) => !openIdScopes.has(name.toLowerCase()))
    .map((name) => {
      if (name.toLowerCase().startsWith(graphPrefix)) return name.slice(graphPrefix.length);
      if (name.includes('/'))
        throw new EntraError(500011, `The resource principal of ${name} was not found.`);
      return name;
    });
  return { permissions, openId };
}

/** The consented permissions that are asked for. @throws EntraError for one without consent. */
export function grantedOf(asked: readonly string[], consented: readonly string[]): string[] {
  if (asked.length === 0 || asked.includes('.default')) return [...consented];
  return asked.map((name) => {
    const match = consented.find((each) => each.toLowerCase() === name.toLowerCase());
    if (match === undefined) throw new EntraError(65001);
    return match;
  });
}

/** As a token answer lists them. */
export function scopeText(permissions: readonly string[], openId: readonly string[]): string {
  return [
    ...openId.filter((name) => name !== 'offline_access'),
    ...permissions.map((name) => graphPrefix + name),
  ].join(' ');
}
