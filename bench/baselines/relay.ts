/**
 * A webhook relay, as it is written today: every event that comes from one side is written to the other at once. That its
 * own writes come back it notices by what it last wrote.
 */
import { X509Certificate } from 'node:crypto';
import { Hono } from 'hono';
import { makeNotificationReader, readNotificationBatch } from '../../clients/graph/notifications.ts';
import { readRingCentralNotification } from '../../clients/ring-central/notifications.ts';
import type { Side } from '../../domain/presence.ts';
import { mergeReport, type RingCentralReport } from '../../domain/ring-central-presence.ts';
import { listenOnLoopback, type Listening } from '../../local/vendors/listen-on-loopback.ts';
import { ringCentralLevel, teamsLevel } from './levels.ts';
import { Sender } from './sender.ts';
import { VendorDesk, type Level, type Surroundings } from './vendor-desk.ts';

const certificateId = 'relay';
const renewalSeconds = 50 * 60;
/** How long an event just like the last write is taken for its echo. */
const echoMs = 60_000;

export interface Certificate {
  certificatePem: string;
  privateKeyPem: string;
}

/** Subscribes on both sides and relays until it is closed. */
export async function startRelay(around: Surroundings, certificate: Certificate): Promise<Listening> {
  const desk = new VendorDesk(around);
  const relay = new Relay(desk);
  const listening = await listenOnLoopback(doors(relay, certificate, around).fetch, 0);
  await subscribeToGraph(desk, listening.url, certificate);
  await desk.ringCentral('POST', '/subscription', {
    eventFilters: ['/restapi/v1.0/account/~/presence'],
    deliveryMode: {
      transportType: 'WebHook',
      address: `${listening.url}/ringcentral`,
      verificationToken: 'relay',
    },
    expiresIn: 315_360_000,
  });
  return listening;
}

class Relay {
  readonly #sender: Sender;
  readonly #clock: Surroundings['clock'];
  readonly #byId = new Map<string, Surroundings['customer']['users'][number]>();
  readonly #lastWrite = new Map<string, { level: Level; at: number }>();
  readonly #known = new Map<string, RingCentralReport>();

  constructor(desk: VendorDesk) {
    this.#sender = new Sender(desk);
    this.#clock = desk.around.clock;
    for (const person of desk.around.customer.users) {
      this.#byId.set(person.userId, person);
      this.#byId.set(person.extensionId, person);
    }
  }

  async event(side: Side, id: string, level: Level): Promise<void> {
    const person = this.#byId.get(id);
    if (person === undefined) return;
    const key = `${side} ${person.userId}`;
    const written = this.#lastWrite.get(key);
    if (written?.level === level && this.#clock.now() - written.at < echoMs) {
      this.#lastWrite.delete(key);
      return;
    }
    const other = side === 'teams' ? 'ringCentral' : 'teams';
    this.#lastWrite.set(`${other} ${person.userId}`, { level, at: this.#clock.now() });
    await this.#sender.write(other, person, level);
  }

  /** RingCentral's events leave out what has not changed. */
  whole(extensionId: string, report: RingCentralReport): RingCentralReport {
    const merged = mergeReport(this.#known.get(extensionId) ?? {}, report);
    this.#known.set(extensionId, merged);
    return merged;
  }
}

function doors(relay: Relay, certificate: Certificate, { vendors, work }: Surroundings): Hono {
  const reader = makeNotificationReader({
    authorityUrl: vendors.urls.entra,
    clientId: vendors.apps.microsoft.clientId,
    certificates: [{ id: certificateId, privateKeyPem: certificate.privateKeyPem }],
    clock: () => new Date(),
  });
  const app = new Hono();
  app.post('/graph', async (context) => {
    const token = context.req.query('validationToken');
    if (token !== undefined) return context.text(token);
    const batch = readNotificationBatch(await context.req.json());
    for (const { encryptedContent } of batch?.changes ?? []) {
      const presence = reader.decrypt(encryptedContent);
      if (presence?.userId === undefined) continue;
      const { userId } = presence;
      void work.track(() => relay.event('teams', userId, teamsLevel(presence)));
    }
    return context.body(null, 202);
  });
  app.post('/ringcentral', async (context) => {
    const token = context.req.header('validation-token');
    if (token !== undefined) return context.json({}, 200, { 'Validation-Token': token });
    const event = readRingCentralNotification(await context.req.json());
    if (event !== undefined) {
      const { extensionId, ...presence } = event.presence;
      const level = ringCentralLevel(relay.whole(extensionId, presence));
      void work.track(() => relay.event('ringCentral', extensionId, level));
    }
    return context.json({});
  });
  return app;
}

async function subscribeToGraph(desk: VendorDesk, url: string, certificate: Certificate): Promise<void> {
  const { customer, clock } = desk.around;
  const expiry = (): string => new Date(clock.now() + 59 * 60_000).toISOString();
  const ids = customer.users.map(({ userId }) => `'${userId}'`).join(',');
  const created = await desk.graph(
    'POST',
    '/subscriptions',
    {
      changeType: 'updated',
      resource: `/communications/presences?$filter=id in (${ids})`,
      notificationUrl: `${url}/graph`,
      expirationDateTime: expiry(),
      clientState: 'relay',
      includeResourceData: true,
      encryptionCertificate: new X509Certificate(certificate.certificatePem).raw.toString('base64'),
      encryptionCertificateId: certificateId,
    },
    'serviceUser',
  );
  const { id } = created as { id: string };
  const renew = async (): Promise<void> => {
    // Graph delivers only as long as the token lasts that has last renewed the subscription.
    await desk.freshServiceUser();
    await desk.graph('PATCH', `/subscriptions/${id}`, { expirationDateTime: expiry() }, 'serviceUser');
    desk.later(renewalSeconds, renew);
  };
  desk.later(renewalSeconds, renew);
}
