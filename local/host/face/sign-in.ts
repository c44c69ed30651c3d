/** Where an operator shows the master key. */
import { isOneOf } from '../http/keys.ts';
import type { KeyRing } from '../http/keys.ts';
import type { HostRequest, HostResponse } from '../http/messages.ts';
import type { View } from './view.ts';
import { html, none } from './html.ts';
import { pageResponse, paths } from './layout.ts';
import type { Sessions } from './sessions.ts';

export function signInPage({ query, session }: View): HostResponse {
  return form({ next: query.get('next') ?? paths.functions, wasWrong: false, session });
}

export function signIn(request: HostRequest, keys: KeyRing, sessions: Sessions): HostResponse {
  const given = new URLSearchParams(request.body.toString('utf8'));
  const next = given.get('next') ?? '';
  if (!isOneOf(given.get('key')?.trim() ?? '', [keys.main.master])) {
    return form({ next, wasWrong: true, session: undefined });
  }
  return { status: 303, headers: { location: ownPath(next), 'set-cookie': sessions.open() } };
}

/** Never leads to another site. */
function ownPath(next: string): string {
  return next.startsWith('/admin/ui/') ? next : paths.functions;
}

function form(options: { next: string; wasWrong: boolean; session: View['session'] }): HostResponse {
  const { next, wasWrong, session } = options;
  const body = html`${wasWrong ? html`<p class="note bad" role="alert">That is not the master key of this host.</p>` : none}
    <form method="post" action="${paths.signIn}" class="filter">
      <input type="hidden" name="next" value="${next}" />
      <label>Master key <input type="password" name="key" required autocomplete="off" size="44" /></label>
      <button>Sign in</button>
    </form>
    <p>It stands as <code>master</code> in <code>keys.json</code> of the host's data folder.</p>`;
  return pageResponse({ title: 'Sign in', body, at: paths.signIn, session, status: wasWrong ? 401 : 200 });
}
