/** Reading users (Microsoft Graph v1.0, "List users", "Get user", "Paging"). */
import type { Context, Hono } from 'hono';
import type { Directory, DirectoryUser } from '../entra/directory.ts';
import { demand, type GraphEnv } from './access.ts';
import { GraphError } from './graph-error.ts';

export const readPermissions = {
  delegated: ['User.ReadBasic.All', 'User.Read.All', 'Directory.Read.All'],
  application: ['User.Read.All', 'Directory.Read.All'],
};
/** The service plan of Microsoft Teams, TEAMS1 (Microsoft Entra, "Product names and service plan identifiers"). */
const teamsPlanId = '57ff2da0-773e-42df-b2af-ffb7a2317929';
const defaultNames = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];
const metadata = 'https://graph.microsoft.com/v1.0/$metadata#users';
const options: ReadonlySet<string> = new Set(['$select', '$top', '$filter', '$count', '$skiptoken']);

export function userRoutes(app: Hono<GraphEnv>, directory: Directory, url: () => string): void {
  app.get('/users', (c) => {
    demand(c.get('caller'), readPermissions, 'Authorization_RequestDenied');
    const names = selected(c);
    const matches = filter(c);
    const users = directory.usersOf(c.get('caller').tenantId).filter(matches);
    const size = pageSize(c);
    const from = Number(Buffer.from(c.req.query('$skiptoken') ?? '', 'base64url').toString());
    const next = new URL(`${url()}/v1.0/users`);
    next.search = new URLSearchParams({
      ...c.req.query(),
      $skiptoken: Buffer.from(String(from + size)).toString('base64url'),
    }).toString();
    return c.json({
      '@odata.context': metadata,
      ...(c.req.query('$count') === 'true' ? { '@odata.count': users.length } : {}),
      ...(from + size < users.length ? { '@odata.nextLink': next.href } : {}),
      value: users.slice(from, from + size).map((user) => pick(user, names)),
    });
  });
  app.get('/users/:id', (c) => {
    demand(c.get('caller'), readPermissions, 'Authorization_RequestDenied');
    const names = selected(c);
    const id = c.req.param('id');
    const user =
      directory.user(id) ??
      directory
        .usersOf(c.get('caller').tenantId)
        .find(({ userPrincipalName }) => userPrincipalName === id.toLowerCase());
    if (user?.tenantId === c.get('caller').tenantId) {
      return c.json({ '@odata.context': `${metadata}/$entity`, ...pick(user, names) });
    }
    throw new GraphError(
      404,
      'Request_ResourceNotFound',
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    );
  });
}

function pick(user: DirectoryUser, names: readonly string[]): object {
  const all = properties(user);
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

/** A user in Graph's fields. */
export function properties(user: DirectoryUser): Record<string, unknown> {
  const { userId, tenantId: _tenantId, licensed, guest = false, ...own } = user;
  const plan = {
    assignedDateTime: '2025-01-01T00:00:00Z',
    capabilityStatus: 'Enabled',
    service: 'TeamspaceAPI',
    servicePlanId: teamsPlanId,
  };
  return {
    ...own,
    id: userId,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
    userType: guest ? 'Guest' : 'Member',
    assignedPlans: licensed ? [plan] : [],
  };
}

const propertyNames: ReadonlySet<string> = new Set([
  ...defaultNames,
  'department',
  'accountEnabled',
  'userType',
  'assignedPlans',
]);

/** The fields asked for. @throws GraphError 400 for one that users do not have, or an option that is not in `known` */
export function selected(c: Context, known: ReadonlySet<string> = options): readonly string[] {
  const unknown = Object.keys(c.req.query()).find((name) => name.startsWith('$') && !known.has(name));
  if (unknown !== undefined)
    throw refuse('Request_UnsupportedQuery', `The query option ${unknown} is not supported.`);
  const select = c.req.query('$select');
  if (select === undefined) return defaultNames;
  const names = select.split(',').map((name) => name.trim());
  for (const name of names) {
    if (propertyNames.has(name)) continue;
    throw refuse(
      'BadRequest',
      `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.user'.`,
    );
  }
  return names;
}

function pageSize(c: Context): number {
  const size = Number(c.req.query('$top') ?? 100);
  if (Number.isInteger(size) && size >= 1 && size <= 999) return size;
  throw refuse(
    'Request_BadRequest',
    `Invalid page size specified: '${size}'. Must be between 1 and 999 inclusive.`,
  );
}

/** The filters served: `accountEnabled eq …`, and a Teams licence through `assignedPlans/any(…)`, joined by `and`. */
function filter(c: Context): (user: DirectoryUser) => boolean {
  const text = c.req.query('$filter');
  if (text === undefined) return () => true;
  const tests: ((user: DirectoryUser) => boolean)[] = [];
  const rest = text
    .replace(/assignedPlans\/any\((\w+):\s*([^()]+)\)/i, (_, name: string, inner: string) => {
      demandAdvanced(c);
      tests.push(planTest(name, inner));
      return '';
    })
    .replace(/accountEnabled eq (true|false)/i, (_, wanted: string) => {
      tests.push(({ accountEnabled }) => String(accountEnabled) === wanted.toLowerCase());
      return '';
    })
    .replace(/^\s*and\s*$|^\s*and\s+|\s+and\s*$/gi, '');
  if (rest.trim() !== '')
    throw refuse('Request_UnsupportedQuery', `Unsupported or invalid query filter clause: ${rest}`);
  return (user) => tests.every((test) => test(user));
}

function planTest(name: string, inner: string): (user: DirectoryUser) => boolean {
  const plan = new RegExp(`${name}/servicePlanId eq '?([0-9a-f-]{36})'?`, 'i').exec(inner)?.[1];
  const status = new RegExp(`${name}/capabilityStatus eq '(\\w+)'`, 'i').exec(inner)?.[1] ?? 'Enabled';
  if (plan === undefined)
    throw refuse('Request_UnsupportedQuery', 'Unsupported property in the lambda expression.');
  return ({ licensed }) => licensed && plan.toLowerCase() === teamsPlanId && status === 'Enabled';
}

/** Some filters are answered from an index that follows later (Microsoft Graph, "Advanced query capabilities"). */
function demandAdvanced(c: Context): void {
  if (c.req.header('consistencylevel')?.toLowerCase() === 'eventual' && c.req.query('$count') === 'true')
    return;
  throw refuse(
    'Request_UnsupportedQuery',
    "Operator 'any' on assignedPlans needs the ConsistencyLevel:eventual header and $count=true.",
  );
}

function refuse(code: string, message: string): GraphError {
  return new GraphError(400, code, message);
}
