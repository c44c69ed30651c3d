/** The demo's scenes: what people and time do, and what must then be seen at the vendors. */
import { lifeScenes } from './life-scenes.ts';
import { person, ringCentralShows, subscriptionsMade, teamsShows, type Scene } from './stage.ts';

const inCall = { telephonyStatus: 'CallConnected' };
const hungUp = { telephonyStatus: 'NoCall' };

export const scenes: readonly Scene[] = [
  {
    name: 'onboarding',
    title:
      'A company of three buys at the marketplace and is taken on; both vendors have a webhook subscription for it',
    play: async (stage) => {
      stage.customer = await stage.stack.customer({ users: 3 });
      const made = await subscriptionsMade(stage.stack, 'POST');
      return made.graph === 1 && made.ringCentral === 1
        ? undefined
        : `one subscription at each vendor, but ${JSON.stringify(made)}`;
    },
  },
  {
    name: 'teams-call',
    title: 'Person 1 takes a call in Teams, and RingCentral shows Busy',
    play: async (stage) => {
      const { userId } = person(stage, 0);
      await stage.stack.setTeams(userId, 'Busy', 'InACall');
      return ringCentralShows(stage, 0, 'Busy');
    },
  },
  {
    name: 'teams-call-over',
    title: 'The call is over, and RingCentral shows Available as before',
    play: async (stage) => {
      await stage.stack.setTeams(person(stage, 0).userId, 'Available', 'Available');
      return ringCentralShows(stage, 0, 'Available');
    },
  },
  {
    name: 'phone-call',
    title: 'Person 2 answers the phone in RingCentral, and Teams shows Busy, in a call',
    play: async (stage) => {
      await stage.stack.setTeams(person(stage, 1).userId, 'Available', 'Available');
      await stage.stack.setRingCentral(person(stage, 1).extensionId, inCall);
      return teamsShows(stage, 1, 'Busy', 'InACall');
    },
  },
  {
    name: 'power-cut',
    title: 'The power fails in the middle of the call; after the restart Teams still shows it',
    play: async (stage) => {
      const port = Number(new URL(stage.stack.app).port);
      stage.endedLogs.push(...stage.stack.log);
      await stage.stack.kill();
      stage.stack = await stage.start(port);
      return teamsShows(stage, 1, 'Busy', 'InACall');
    },
  },
  {
    name: 'phone-call-over',
    title: 'Person 2 hangs up, and Teams shows Available',
    play: async (stage) => {
      await stage.stack.setRingCentral(person(stage, 1).extensionId, hungUp);
      return teamsShows(stage, 1, 'Available', 'Available');
    },
  },
  {
    name: 'do-not-disturb',
    title: 'Person 3 blocks calls in RingCentral, and Teams shows Do not disturb',
    play: async (stage) => {
      await stage.stack.setTeams(person(stage, 2).userId, 'Available', 'Available');
      await stage.stack.setRingCentral(person(stage, 2).extensionId, { dndStatus: 'DoNotAcceptAnyCalls' });
      return teamsShows(stage, 2, 'DoNotDisturb', 'Presenting');
    },
  },
  {
    name: 'renewal',
    title: 'Two hours pass: the Graph subscription, which lives for one hour at most, has been renewed',
    play: async (stage) => {
      const before = await subscriptionsMade(stage.stack, 'PATCH');
      await stage.stack.advance('PT2H');
      const after = await subscriptionsMade(stage.stack, 'PATCH');
      const renewals = after.graph - before.graph;
      return renewals >= 2 ? undefined : `at least 2 renewals, but ${renewals}`;
    },
  },
  {
    name: 'after-renewal',
    title: 'Person 3 takes calls again, and Teams shows Available',
    play: async (stage) => {
      await stage.stack.setRingCentral(person(stage, 2).extensionId, { dndStatus: 'TakeAllCalls' });
      return teamsShows(stage, 2, 'Available', 'Available');
    },
  },
  {
    name: 'data-at-rest',
    title:
      'All that the app has kept was searched: tokens only in the vault, personal data only where the data map says',
    play: (stage) => Promise.resolve(stage.residue.verdict([...stage.endedLogs, ...stage.stack.log])),
    spoil: (stage) => {
      stage.residue.misplaceToken();
      stage.residue.look();
    },
  },
  ...lifeScenes,
];
