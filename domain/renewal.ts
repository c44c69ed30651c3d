/** Setting again in Teams what is about to run out there. */
import { ask, isPending } from './hold.ts';
import { teamsWrite } from './teams-presence.ts';
import type { Decision, UserPresence } from './user-presence-state.ts';

/**
 * Asks again for what we hold in Teams, where it is still wanted and nothing else is under way. Nothing that is shown changes
 * by it, so no echo is to come. It is never taken for undone together with what replaces it: what stands is running out.
 */
export function renew(state: UserPresence, at: string): Decision {
  const { ledger } = state.teams;
  const isWanted = ledger.asked !== null && ledger.asked === ledger.confirmed && !state.service.left;
  if (!isWanted || isPending(ledger)) return { state, wishes: [] };
  const asked = ask(ledger, ledger.asked, at);
  const echoes = asked.echoes.filter(({ revision }) => revision !== asked.revision);
  const wish = {
    side: 'teams',
    revision: asked.revision,
    hold: asked.asked,
    baseline: ledger.confirmed,
    certain: false,
    urgency: 'rest',
    since: at,
    write: teamsWrite(asked.asked),
  } as const;
  return { state: { ...state, teams: { ...state.teams, ledger: { ...asked, echoes } } }, wishes: [wish] };
}
