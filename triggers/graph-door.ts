/** What both of Graph's doors have in common: the proof of reachability, and reading a batch of notifications. */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { input } from 'durable-functions';
import { readNotificationBatch, type GraphNotificationBatch } from '../clients/graph/notifications.ts';
import { problem, readJson } from './answers.ts';

/** Takes in a batch; answers 202 also where it discards ("Receive change notifications through webhooks"). */
type Receive = (batch: GraphNotificationBatch, context: InvocationContext) => Promise<HttpResponseInit>;

/** Registers a function that takes Graph's notifications at `route`, with the durable client as extra input. */
export function registerGraphDoor(name: string, route: string, receive: Receive): void {
  app.http(name, {
    methods: ['POST'],
    authLevel: 'anonymous',
    route,
    extraInputs: [input.durableClient()],
    handler: async (request, context) => {
      const validation = handshake(request);
      if (validation !== undefined) return validation;
      const read = await readJson(request);
      if ('refusal' in read) return read.refusal;
      const batch = readNotificationBatch(read.body);
      if (batch !== undefined) return receive(batch, context);
      const errors = { value: 'must be a list of notifications' };
      return problem(400, 'The body is no batch of notifications.', errors);
    },
  });
}

/**
 * The answer to a validation request, or undefined when this is none: 200, `text/plain`, the decoded token and
 * nothing else (Graph, "Receive change notifications through webhooks", endpoint validation).
 */
function handshake(request: HttpRequest): HttpResponseInit | undefined {
  const token = request.query.get('validationToken');
  if (token === null) return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: token,
  };
}
