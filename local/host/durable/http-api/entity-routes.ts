/** The HTTP API's requests about entities (Durable Functions, HTTP API reference). */
import type { DurableClient } from '../client.ts';
import type { EntityRow } from '../instance.ts';
import { entityInstanceId, parseEntityInstanceId } from '../messages.ts';
import { headerOf, jsonResponse, notFound } from '../../http/messages.ts';
import type { HostRequest, HostResponse } from '../../http/messages.ts';
import type { RouteHandler } from '../../http/router.ts';
import { flagIn, pageSize, timeIn } from './filters.ts';
import { continuationHeader } from './instance-routes.ts';
import { argumentError, hasJsonType, readJsonBody } from './problems.ts';
import type { JsonBody } from './problems.ts';

type AddRoute = (methods: readonly string[], template: string, handle: RouteHandler) => void;

/** How the address writes an empty key. */
const emptyKey = '$';

export function addEntityRoutes(add: AddRoute, client: DurableClient): void {
  add(['GET'], 'entities/{name?}', (request, { name }) => list(request, name, client));
  add(['GET'], 'entities/{name}/{key}', (_request, { name = '', key = '' }) => {
    const entity = client.hub.store.entity(addressOf(name, key));
    if (!entity?.exists || entity.state === null) return notFound;
    return jsonResponse(200, JSON.parse(entity.state));
  });
  add(['POST'], 'entities/{name}/{key}', (request, { name = '', key = '' }) => {
    return signal(request, { name, key, op: request.url.searchParams.get('op') ?? '' }, client);
  });
  add(['DELETE'], 'entities/{name}/{key}', (request, { name = '', key = '' }) => {
    return signal({ ...request, body: Buffer.alloc(0) }, { name, key, op: 'delete' }, client);
  });
}

async function signal(
  request: HostRequest,
  target: { name: string; key: string; op: string },
  client: DurableClient,
): Promise<HostResponse> {
  const input = readInput(request);
  if (!input.ok) return argumentError(input.message);
  const key = target.key === emptyKey ? '' : target.key;
  const outcome = await client.signalEntity({ name: target.name, key }, target.op, input.text);
  if (outcome.ok) return { status: 202 };
  return argumentError('message' in outcome.refusal ? outcome.refusal.message : '');
}

/** What is not JSON reaches the entity as text. */
function readInput(request: HostRequest): JsonBody {
  if (hasJsonType(request) || request.body.length === 0) return readJsonBody(request);
  return { ok: true, text: JSON.stringify(request.body.toString('utf8')) };
}

function list(request: HostRequest, name: string | undefined, client: DurableClient): HostResponse {
  const query = request.url.searchParams;
  const limit = pageSize(query);
  const fetchState = flagIn(query, 'fetchState', false);
  const from = timeIn(query, 'lastOperationTimeFrom') ?? Number.NEGATIVE_INFINITY;
  const to = timeIn(query, 'lastOperationTimeTo') ?? Number.POSITIVE_INFINITY;
  const prefix = name === undefined ? '@' : entityInstanceId({ name, key: '' });
  const after = headerOf(request, continuationHeader) ?? '';
  const isWanted = (entity: EntityRow): boolean =>
    entity.exists && entity.updatedAt >= from && entity.updatedAt <= to;
  const rows = client.hub.store.entitiesAfter(after, prefix, limit);
  const next = rows.length === limit ? rows.at(-1)?.id : undefined;
  const body = rows.filter(isWanted).map((entity) => ({
    entityId: parseEntityInstanceId(entity.id),
    lastOperationTime: new Date(entity.updatedAt).toISOString(),
    ...(fetchState ? { state: entity.state === null ? null : (JSON.parse(entity.state) as unknown) } : {}),
  }));
  return jsonResponse(200, body, next === undefined ? {} : { [continuationHeader]: next });
}

function addressOf(name: string, key: string): string {
  return entityInstanceId({ name, key: key === emptyKey ? '' : key });
}
