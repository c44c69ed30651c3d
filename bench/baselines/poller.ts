/**
 * A poller, as it is used today: every ten seconds it reads both sides by their bulk endpoints, and what has changed on one
 * side is written to the other. What it writes itself it remembers as seen.
 */
import { z } from 'zod';
import { ringCentralLevel, teamsLevel } from './levels.ts';
import { Sender } from './sender.ts';
import { Throttled, VendorDesk, type Level, type Surroundings } from './vendor-desk.ts';

const periodSeconds = 10;
/** cloudCommunications: getPresencesByUserId. */
const idsPerRead = 650;

const teamsPage = z.object({
  value: z.array(z.object({ id: z.string(), availability: z.string(), activity: z.string() })),
});
const ringCentralPage = z.object({
  records: z.array(
    z.looseObject({
      extension: z.object({ id: z.number() }),
      userStatus: z.string().optional(),
      dndStatus: z.string().optional(),
      telephonyStatus: z.string().optional(),
      meetingStatus: z.string().optional(),
    }),
  ),
  paging: z.object({ page: z.number(), totalPages: z.number() }).optional(),
});

interface Seen {
  teams: Level;
  ringCentral: Level;
}

/** Reads once and goes on by itself. */
export async function startPoller(around: Surroundings): Promise<void> {
  const desk = new VendorDesk(around);
  const sender = new Sender(desk);
  const seen = new Map<string, Seen>();
  const poll = async (): Promise<void> => {
    const started = around.clock.now();
    try {
      const [teams, ringCentral] = await Promise.all([readTeams(desk), readRingCentral(desk)]);
      for (const person of around.customer.users) {
        const now = {
          teams: teams.get(person.userId) ?? 'free',
          ringCentral: ringCentral.get(person.extensionId) ?? 'free',
        };
        const before = seen.get(person.userId) ?? now;
        seen.set(person.userId, now);
        // Where both have changed since the last look, nobody knows which is the newer: Teams counts.
        const from =
          now.teams !== before.teams
            ? 'teams'
            : now.ringCentral !== before.ringCentral
              ? 'ringCentral'
              : undefined;
        if (from === undefined) continue;
        const to = from === 'teams' ? 'ringCentral' : 'teams';
        seen.set(person.userId, { ...now, [to]: now[from] });
        await sender.write(to, person, now[from]);
      }
      desk.later(Math.max(0, periodSeconds - (around.clock.now() - started) / 1000), poll);
    } catch (error) {
      desk.later(error instanceof Throttled ? error.seconds : periodSeconds, poll);
    }
  };
  await poll();
}

async function readTeams(desk: VendorDesk): Promise<Map<string, Level>> {
  const ids = desk.around.customer.users.map(({ userId }) => userId);
  const found = new Map<string, Level>();
  for (let from = 0; from < ids.length; from += idsPerRead) {
    const body = { ids: ids.slice(from, from + idsPerRead) };
    const page = teamsPage.parse(await desk.graph('POST', '/communications/getPresencesByUserId', body));
    for (const { id, ...presence } of page.value) found.set(id, teamsLevel(presence));
  }
  return found;
}

async function readRingCentral(desk: VendorDesk): Promise<Map<string, Level>> {
  const found = new Map<string, Level>();
  for (let page = 1, pages = 1; page <= pages; page++) {
    const path = `/account/~/presence?page=${page}&perPage=1000`;
    const read = ringCentralPage.parse(await desk.ringCentral('GET', path));
    for (const { extension, ...presence } of read.records) {
      found.set(String(extension.id), ringCentralLevel(presence));
    }
    pages = read.paging?.totalPages ?? 1;
  }
  return found;
}
