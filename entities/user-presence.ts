/** One person: takes in what both sides show and asks the outboxes for what should be held. Key `{tenantId}:{userId}`. */
import { EntityId, app, type EntityContext } from 'durable-functions';
import { entityNames, outboxKey, parseUserPresenceKey } from '../contracts/identities.ts';
import { userPresenceOperationSchema, type UserPresenceOperation } from '../contracts/user-presence.ts';
import { statusOn } from '../domain/mapping.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { renew } from '../domain/renewal.ts';
import { applyRules, observeRingCentral, observeTeams, reconsider, settle } from '../domain/user-presence.ts';
import { enrol, leave, mayForget } from '../domain/service-of-person.ts';
import {
  userPresenceSchema,
  type Decision,
  type UserPresence,
  type Wish,
} from '../domain/user-presence-state.ts';
import { parseOperation } from './parse-operation.ts';

interface Dependencies {
  telemetry: Telemetry;
}

export function registerUserPresence({ telemetry }: Dependencies): void {
  app.entity(entityNames.userPresence, (context) => userPresence(telemetry, context));
}

function userPresence(telemetry: Telemetry, context: EntityContext<unknown>): void {
  const told = { telemetry, entity: entityNames.userPresence };
  const operation = parseOperation(context, userPresenceOperationSchema, told);
  if (operation === undefined) return;
  if (operation.operation === 'forget') {
    context.df.destructOnExit();
    return;
  }
  const stored = context.df.getState();
  const before = stored === undefined ? undefined : userPresenceSchema.parse(stored);
  if (operation.operation === 'depart') {
    if (before !== undefined && mayForget(before, operation.input.atOnce)) context.df.destructOnExit();
    return;
  }
  const decision = decide(before, operation);
  if (decision === undefined) return;
  if (decision.state !== before) {
    context.df.setState(decision.state);
    if (before !== undefined && decision.wishes.length === 0) {
      countAgreement(telemetry, operation, { before, after: decision.state });
    }
  }
  // What is released when somebody is mapped anew stands on the extension they had before.
  const extensionId = (before ?? decision.state).extensionId;
  sendWishes(context, decision.wishes, { extensionId, at: operation.input.at });
}

/** What a notification tells of the person, and asks for no write. Our own writes that come back change nothing of theirs. */
function countAgreement(
  telemetry: Telemetry,
  { operation, input }: Told,
  { before, after }: { before: UserPresence; after: UserPresence },
): void {
  if (operation !== 'observeTeams' && operation !== 'observeRingCentral') return;
  if (input.origin.kind !== 'notification') return;
  const side = operation === 'observeTeams' ? 'teams' : 'ringCentral';
  if (statusOn(side, before) !== statusOn(side, after)) telemetry.count('changesWithoutWrite', { side });
}

type Told = Exclude<UserPresenceOperation, { operation: 'forget' | 'depart' }>;

/** Undefined when nothing comes of it: what people show whom nobody enrolled is none of our business. */
function decide(state: UserPresence | undefined, operation: Told): Decision | undefined {
  if (operation.operation === 'enrol') return enrol(state, operation.input, operation.input.at);
  if (operation.operation === 'leave') return leave(state, operation.input.version, operation.input.at);
  if (state === undefined) return undefined;
  switch (operation.operation) {
    case 'observeTeams':
      return observeTeams(state, operation.input.report, operation.input.origin, operation.input.at);
    case 'observeRingCentral':
      return observeRingCentral(state, operation.input.report, operation.input.origin, operation.input.at);
    case 'renew':
      return renew(state, operation.input.at);
    case 'settle':
      return settle(state, operation.input.side, operation.input.answer, operation.input.at);
    case 'applyRules':
      return applyRules(state, operation.input, operation.input.at);
    case 'reconsider':
      return reconsider(state, operation.input.at);
  }
}

function sendWishes(
  context: EntityContext<unknown>,
  wishes: readonly Wish[],
  { extensionId, at }: { extensionId: string; at: string },
): void {
  if (wishes.length === 0) return;
  const { tenantId, userId } = parseUserPresenceKey(context.df.entityKey);
  for (const { side, ...wish } of wishes) {
    const targetId = side === 'teams' ? userId : extensionId;
    context.df.signalEntity(new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side)), 'wish', {
      wish: { ...wish, userId, targetId },
      at,
    });
  }
}
