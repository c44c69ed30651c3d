/** The account, its extensions, and the two questions a client may ask before it writes. */
import type { Context, Hono } from 'hono';
import type { Directory } from './directory.ts';
import { invalidParameters } from './errors.ts';
import { hasScope, requireAdmin, type Caller, type Gate } from './gate.ts';
import type { Extension } from './model.ts';
import { originOf, pageOf, queryOf } from './requests.ts';

const statuses = ['Enabled', 'Disabled', 'Frozen', 'NotActivated', 'Unassigned'];
const types = [
  'User',
  'Department',
  'Announcement',
  'Voicemail',
  'SharedLinesGroup',
  'PagingOnly',
  'IvrMenu',
  'ApplicationExtension',
  'ParkLocation',
  'Bot',
  'Room',
  'Limited',
  'Site',
  'DelegatedLinesGroup',
  'DigitalUser',
  'VirtualUser',
  'FaxUser',
  'FlexibleUser',
  'GroupCallPickup',
  'ProxyAdmin',
];

export function addAccountRoutes(app: Hono, gate: Gate, directory: Directory): void {
  const path = '/restapi/v1.0/account/:accountId';
  const light = { group: 'Light', scope: 'ReadAccounts' } as const;
  const medium = { group: 'Medium', scope: 'ReadAccounts' } as const;

  app.get(
    path,
    gate.guard(light, (context, caller) => context.json(describeAccount(context, caller))),
  );

  app.get(
    `${path}/extension`,
    gate.guard(medium, (context, caller) => {
      requireAdmin(caller, 'ReadExtensions');
      const wanted = directory.extensions(caller.account.accountId).filter(filterOf(context));
      const records = wanted.map((extension) => describeExtension(context, extension));
      return context.json(pageOf(context, records));
    }),
  );

  app.get(
    `${path}/extension/:extensionId`,
    gate.guard(light, (context, caller) => {
      const extension = gate.target(caller, context.req.param('extensionId') ?? '', 'ReadExtensions');
      return context.json(describeExtension(context, extension));
    }),
  );

  app.get(
    `${path}/extension/:extensionId/authz-profile/check`,
    gate.guard(light, (context, caller) => context.json(checkPermission(context, gate, caller))),
  );

  app.get(
    `${path}/extension/:extensionId/features`,
    gate.guard(medium, (context, caller) => {
      gate.target(caller, context.req.param('extensionId') ?? '', 'ReadExtensions');
      return context.json({ records: features(context, caller) });
    }),
  );
}

function describeAccount(context: Context, caller: Caller): Record<string, unknown> {
  const { accountId, name } = caller.account;
  return {
    uri: `${originOf(context)}/restapi/v1.0/account/${accountId}`,
    id: Number(accountId),
    mainNumber: `+1650${accountId.slice(-7)}`,
    status: 'Confirmed',
    setupWizardState: 'Completed',
    companyName: name,
  };
}

function describeExtension(context: Context, extension: Extension): Record<string, unknown> {
  const { accountId, extensionId, firstName, lastName, mail } = extension;
  const name = `${firstName} ${lastName}`;
  const { businessPhone } = extension;
  return {
    uri: `${originOf(context)}/restapi/v1.0/account/${accountId}/extension/${extensionId}`,
    id: Number(extensionId),
    extensionNumber: extension.extensionNumber,
    name,
    type: extension.type,
    status: extension.status,
    hidden: false,
    setupWizardState: 'Completed',
    contact: {
      firstName,
      lastName,
      name,
      email: mail,
      emailAsLoginName: extension.type === 'User',
      ...(businessPhone === undefined ? {} : { businessPhone }),
    },
    permissions: { admin: { enabled: extension.admin }, internationalCalling: { enabled: false } },
  };
}

function filterOf(context: Context): (extension: Extension) => boolean {
  const query = queryOf(context, ['status', 'type', 'email', 'extensionNumber', 'page', 'perPage']);
  const wantedStatuses = query['status'] ?? [];
  const wantedTypes = query['type'] ?? [];
  if (wantedStatuses.some((status) => !statuses.includes(status))) throw invalidParameters('status');
  if (wantedTypes.some((type) => !types.includes(type))) throw invalidParameters('type');
  const mails = query['email']?.map((mail) => mail.toLowerCase()) ?? [];
  const numbers = query['extensionNumber'] ?? [];
  return (extension) =>
    isAmong(wantedStatuses, extension.status) &&
    isAmong(wantedTypes, extension.type) &&
    isAmong(mails, extension.mail.toLowerCase()) &&
    isAmong(numbers, extension.extensionNumber);
}

/** No value wanted means that any will do. */
function isAmong(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

/** Whether the user may do something to an extension; an administrator may to all, others to themselves. */
function checkPermission(context: Context, gate: Gate, caller: Caller): Record<string, unknown> {
  const query = queryOf(context, ['permissionId', 'targetExtensionId']);
  const permissionId = query['permissionId']?.[0] ?? '';
  const known = ['EditPresenceStatus', 'EditPresenceSettings', 'ReadPresenceStatus', 'ReadExtensions'];
  if (!known.includes(permissionId)) throw invalidParameters('permissionId');
  const user = gate.target(caller, context.req.param('extensionId') ?? '', 'ReadUserInfo');
  const target = query['targetExtensionId']?.[0] ?? user.extensionId;
  const successful = user.admin || target === user.extensionId || target === '~';
  return { successful, details: { scopes: user.admin ? ['AllExtensions', 'Self'] : ['Self'] } };
}

function features(context: Context, caller: Caller): readonly unknown[] {
  const query = queryOf(context, ['featureId', 'availableOnly']);
  const newCallHandling = caller.account.newCallHandling;
  const records = [
    { id: 'BLF', available: hasScope(caller.session, 'ReadPresence') },
    {
      id: 'NewCallHandlingAndForwarding',
      available: newCallHandling,
      params: [{ name: 'isNewBackendAvailable', value: String(newCallHandling) }],
    },
  ];
  return records.filter((record) => isAmong(query['featureId'] ?? [], record.id));
}
