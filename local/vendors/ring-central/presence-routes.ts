/** Reading and writing presence: of one extension, of several at once, of the whole account. */
import type { Context, Hono } from 'hono';
import type { Directory } from './directory.ts';
import { refused, RingCentralError } from './errors.ts';
import { requireAdmin, type Caller, type Gate } from './gate.ts';
import type { Extension } from './model.ts';
import { multipartAnswer, type PartAnswer } from './multipart.ts';
import { describePresence } from './presence.ts';
import type { Presences } from './presences.ts';
import { parsePresenceRequest } from './presence-update.ts';
import { flagOf, jsonBody, originOf, pageOf, queryOf } from './requests.ts';

/** More ids in one path are refused (API reference, GET presence). */
const mostIdsAtOnce = 30;
const detailParameters = ['detailedTelephonyState', 'sipData'];

export function addPresenceRoutes(
  app: Hono,
  gate: Gate,
  parts: { directory: Directory; presences: Presences },
): void {
  const account = '/restapi/v1.0/account/:accountId';
  const path = `${account}/extension/:extensionId/presence`;

  app.get(
    path,
    gate.guard({ group: 'Light', scope: 'ReadPresence' }, (context, caller) => {
      const detailed = isDetailed(context, detailParameters);
      const read = (id: string): Record<string, unknown> =>
        present(context, caller, gate.target(caller, id, 'ReadPresenceStatus'), detailed);
      const ids = (context.req.param('extensionId') ?? '').split(',');
      if (ids.length === 1) return context.json(read(ids[0] ?? ''));
      if (ids.length > mostIdsAtOnce) throw tooManyIds();
      return multipartAnswer(
        context,
        ids.map((id) => partOf(id, read)),
      );
    }),
  );

  app.put(
    path,
    gate.guard({ group: 'Medium', scope: 'EditPresence' }, async (context, caller) => {
      queryOf(context, []);
      const extension = gate.target(caller, context.req.param('extensionId') ?? '', 'EditPresenceStatus');
      const request = parsePresenceRequest(await jsonBody(context));
      requirePresence(extension);
      return context.json(present(context, caller, parts.presences.put(extension, request), false));
    }),
  );

  app.get(
    `${account}/presence`,
    gate.guard({ group: 'Heavy', scope: 'ReadPresence' }, (context, caller) => {
      const detailed = isDetailed(context, [...detailParameters, 'page', 'perPage']);
      requireAdmin(caller, 'ReadPresenceStatus');
      const extensions = parts.directory.extensions(caller.account.accountId);
      const enabled = extensions.filter((extension) => extension.status === 'Enabled');
      const { records, ...rest } = pageOf(context, enabled);
      const described = records.map((extension) => present(context, caller, extension, detailed));
      return context.json({ ...rest, records: described });
    }),
  );
}

function isDetailed(context: Context, known: readonly string[]): boolean {
  const query = queryOf(context, known);
  flagOf(query, 'sipData');
  return flagOf(query, 'detailedTelephonyState');
}

/** PresenceInfoResponse. What is no User always reads Offline and nothing else. */
function present(
  context: Context,
  caller: Caller,
  extension: Extension,
  detailed: boolean,
): Record<string, unknown> {
  const uri = `${originOf(context)}/restapi/v1.0/account/${extension.accountId}/extension/${extension.extensionId}`;
  const viewpoint = {
    newCallHandling: caller.account.newCallHandling,
    own: caller.extension.extensionId === extension.extensionId,
  };
  return {
    uri: `${uri}/presence`,
    extension: { id: Number(extension.extensionId), uri, extensionNumber: extension.extensionNumber },
    ...(extension.type === 'User'
      ? describePresence(extension.presence, viewpoint, detailed)
      : { presenceStatus: 'Offline' }),
  };
}

function partOf(resourceId: string, read: (id: string) => Record<string, unknown>): PartAnswer {
  try {
    return { resourceId, status: 200, body: read(resourceId) };
  } catch (error) {
    if (!(error instanceof RingCentralError)) throw error;
    return { resourceId, status: error.status, body: error.body() };
  }
}

/** Codes of PUT presence in the API reference. */
function requirePresence(extension: Extension): void {
  if (extension.type === 'Department') {
    throw refused(403, 'PRS-106', 'Presence is not available for extensions of type Department');
  }
  if (extension.type !== 'User') {
    throw refused(403, 'CMN-403', 'The feature is not available for this extension type');
  }
  if (extension.status !== 'Enabled') throw refused(403, 'PRS-105', 'Extension is disabled');
}

function tooManyIds(): RingCentralError {
  return refused(400, 'InvalidMultipartRequest', `Batch request is limited to ${mostIdsAtOnce} entries`);
}
