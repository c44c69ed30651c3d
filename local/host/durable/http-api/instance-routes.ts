/** The HTTP API's requests about orchestration instances (Durable Functions, HTTP API reference). */
import { managementLinks } from '../client-binding.ts';
import type { HubAddresses } from '../client-binding.ts';
import type { Answer, DurableClient, Refusal } from '../client.ts';
import { isFinal } from '../instance.ts';
import { headerOf, jsonResponse, notFound } from '../../http/messages.ts';
import type { HostRequest, HostResponse } from '../../http/messages.ts';
import type { RouteHandler } from '../../http/router.ts';
import { complaint } from '../strict-rules.ts';
import { flagIn, pageSize, readFilter } from './filters.ts';
import { listPage } from './listing.ts';
import { argumentError, hasJsonType, internalError, readJsonBody } from './problems.ts';
import { entityStatus, statusOf } from './status.ts';
import type { StatusBody, StatusOptions } from './status.ts';

type AddRoute = (methods: readonly string[], template: string, handle: RouteHandler) => void;

export const continuationHeader = 'x-ms-continuation-token';

export interface ApiParts {
  readonly client: DurableClient;
  readonly addresses: HubAddresses;
}

export function addInstanceRoutes(add: AddRoute, parts: ApiParts): void {
  const { client } = parts;
  add(['POST'], 'orchestrators/{name}/{instanceId?}', (request, values) => start(request, values, parts));
  add(['GET'], 'instances', (request) => list(request, client));
  add(['DELETE'], 'instances', (request) => purgeMany(request, client));
  add(['GET'], 'instances/{id}', (request, { id = '' }) => status(request, id, client));
  add(['DELETE'], 'instances/{id}', async (_request, { id = '' }) => {
    const instancesDeleted = await client.purge([id]);
    return instancesDeleted === 0 ? notFound : jsonResponse(200, { instancesDeleted });
  });
  add(['POST'], 'instances/{id}/raiseEvent/{name}', (request, { id = '', name = '' }) =>
    raiseEvent(request, { id, name }, client),
  );
  add(['POST'], 'instances/{id}/restart', async (request, { id = '' }) => {
    const withNewId = flagIn(request.url.searchParams, 'restartWithNewInstanceId', true);
    return started(await client.restart(id, withNewId), parts);
  });
  for (const verb of ['terminate', 'suspend', 'resume', 'rewind'] as const) {
    add(['POST'], `instances/{id}/${verb}`, async (request, { id = '' }) => {
      const reason = request.url.searchParams.get('reason') ?? '';
      return accepted(await client[verb](id, reason));
    });
  }
}

async function start(
  request: HostRequest,
  values: Readonly<Record<string, string>>,
  parts: ApiParts,
): Promise<HostResponse> {
  const body = readJsonBody(request);
  if (!body.ok) return argumentError(body.message);
  const query = request.url.searchParams;
  const outcome = await parts.client.start({
    name: values['name'] ?? '',
    instanceId: values['instanceId'],
    version: query.get('version') ?? undefined,
    input: body.text,
  });
  const timeoutMs = Number(query.get('timeout')) * 1000;
  if (outcome.ok && timeoutMs > 0) return endedWithin(timeoutMs, outcome.value, parts);
  return started(outcome, parts);
}

/** The output if the instance completes in time, its status if it ends otherwise, else its links. */
async function endedWithin(timeoutMs: number, id: string, parts: ApiParts): Promise<HostResponse> {
  const { hub } = parts.client;
  const isOver = (): boolean => isFinal(hub.store.instance(id)?.status ?? 'Pending');
  if (!isOver()) await hub.completions.wait(id, timeoutMs);
  const instance = hub.store.instance(id);
  if (!instance || !isOver()) return started({ ok: true, value: id }, parts);
  const body = statusOf(instance, [], { showInput: true, showHistory: false, showHistoryOutput: false });
  if (instance.status === 'Completed') return jsonResponse(200, body.output);
  return jsonResponse(instance.status === 'Failed' ? 500 : 200, body);
}

function started(outcome: Answer<string>, parts: ApiParts): HostResponse {
  if (!outcome.ok) return refused(outcome.refusal);
  const { rewindPostUri: _never, ...links } = managementLinks(parts.addresses, outcome.value);
  const location = links['statusQueryGetUri'] ?? '';
  return jsonResponse(202, links, { location, 'retry-after': '10' });
}

function status(request: HostRequest, id: string, client: DurableClient): HostResponse {
  const { hub } = client;
  const query = request.url.searchParams;
  const options = readOptions(query);
  const entity = hub.store.entity(id);
  if (entity) return statusResponse(request, entityStatus(entity, hub.waiting(id), options.showInput));
  const instance = hub.store.instance(id);
  if (!instance) return notFound;
  const history = options.showHistory ? hub.store.history(id) : [];
  return statusResponse(request, statusOf(instance, history, options));
}

function statusResponse(request: HostRequest, body: StatusBody): HostResponse {
  if (!isFinal(body.runtimeStatus)) {
    return jsonResponse(202, body, { location: request.url.href, 'retry-after': '5' });
  }
  const asError = flagIn(request.url.searchParams, 'returnInternalServerErrorOnFailure', false);
  return jsonResponse(body.runtimeStatus === 'Failed' && asError ? 500 : 200, body);
}

function readOptions(query: URLSearchParams): StatusOptions {
  return {
    showInput: flagIn(query, 'showInput', true),
    showHistory: flagIn(query, 'showHistory', false),
    showHistoryOutput: flagIn(query, 'showHistoryOutput', false),
  };
}

function list(request: HostRequest, client: DurableClient): HostResponse {
  const query = request.url.searchParams;
  const { showInput } = readOptions(query);
  const page = { after: headerOf(request, continuationHeader) ?? '', limit: pageSize(query) };
  const { rows, next } = listPage(client.hub, readFilter(query), page);
  const options = { showInput, showHistory: false, showHistoryOutput: false };
  const body = rows.map((row) =>
    row.kind === 'instance'
      ? statusOf(row.instance, [], options)
      : entityStatus(row.entity, client.hub.waiting(row.id), showInput),
  );
  return jsonResponse(200, body, next === undefined ? {} : { [continuationHeader]: next });
}

async function purgeMany(request: HostRequest, client: DurableClient): Promise<HostResponse> {
  const query = request.url.searchParams;
  const filter = readFilter(query);
  if (filter.createdFrom === undefined) {
    return jsonResponse(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const { rows } = listPage(client.hub, filter, { after: '', limit: Number.POSITIVE_INFINITY });
  if (rows.length === 0) return notFound;
  return jsonResponse(200, { instancesDeleted: await client.purge(rows.map(({ id }) => id)) });
}

async function raiseEvent(
  request: HostRequest,
  target: { id: string; name: string },
  client: DurableClient,
): Promise<HostResponse> {
  if (request.body.length > 0 && !hasJsonType(request)) {
    return jsonResponse(400, 'Only application/json request content is supported');
  }
  const body = readJsonBody(request);
  if (!body.ok) return jsonResponse(400, body.message);
  if (body.text === null) return jsonResponse(400, withoutData(target, client));
  return accepted(await client.raiseEvent(target.id, target.name, body.text));
}

/** An empty body is no JSON, neither in Azure. */
function withoutData({ id, name }: { id: string; name: string }, client: DurableClient): string {
  const { strictness } = client.hub;
  const about = { who: `Instance '${id}'`, what: `the event '${name}' was raised without data` };
  strictness.report('event-without-data', { ...about, level: 'error' });
  return strictness.isStrict
    ? complaint('event-without-data', about.who, about.what)
    : 'The request content is not valid JSON: it is empty.';
}

function accepted(outcome: Answer<void>): HostResponse {
  return outcome.ok ? { status: 202 } : refused(outcome.refusal);
}

function refused(refusal: Refusal): HostResponse {
  switch (refusal.kind) {
    case 'notFound':
      return notFound;
    case 'finished':
      return { status: 410 };
    case 'notFailed':
      return { status: 412 };
    case 'invalid':
      return argumentError(refusal.message);
    case 'conflict':
      return internalError(refusal.message);
    default:
      return refusal satisfies never;
  }
}
