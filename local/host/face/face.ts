/** The host's own pages: what the app has, what its orchestrations and entities do, and what an operator may do about it. */
import type { HostRequest, HostResponse, RequestHead } from '../http/messages.ts';
import type { Router } from '../http/router.ts';
import { act } from './actions.ts';
import { entitiesPage } from './entities-page.ts';
import { functionsPage } from './functions-page.ts';
import { html } from './html.ts';
import { instancePage } from './instance-page.ts';
import { instancesPage } from './instances-page.ts';
import { pageResponse, paths } from './layout.ts';
import { isOwnForm, Sessions } from './sessions.ts';
import type { FaceParts, View } from './view.ts';
import { signIn, signInPage } from './sign-in.ts';

const pages = {
  [paths.instances]: instancesPage,
  [paths.instance]: instancePage,
  [paths.entities]: entitiesPage,
} as const;

export function addFace(router: Router, face: FaceParts): void {
  const sessions = new Sessions(face.port);
  const get = (path: string, show: (view: View) => HostResponse): void => {
    router.add(['GET', 'HEAD'], path, (request) =>
      isForThisMachine(request) ? show(viewOf(request, face, sessions)) : { status: 421 },
    );
  };
  if (process.env['AzureWebJobsDisableHomepage']?.toLowerCase() === 'true') {
    router.add(['GET'], paths.functions, () => ({ status: 204 }));
  } else get(paths.functions, functionsPage);
  for (const [path, show] of Object.entries(pages)) get(path, show);
  get(paths.signIn, signInPage);
  router.add(['POST'], paths.signIn, (request) =>
    isForThisMachine(request) ? signIn(request, face.keys, sessions) : { status: 421 },
  );
  const post = (
    path: string,
    run: (form: URLSearchParams, request: HostRequest) => Promise<HostResponse>,
  ): void => {
    router.add(['POST'], path, async (request) => {
      if (!isForThisMachine(request)) return { status: 421 };
      const form = new URLSearchParams(request.body.toString('utf8'));
      const session = sessions.of(request);
      return session && isOwnForm(session, form)
        ? run(form, request)
        : refusal(viewOf(request, face, sessions));
    });
  };
  post(paths.act, async (form, request) => act(form, viewOf(request, face, sessions)));
  post(paths.signOut, async (_form, request) => ({
    status: 303,
    headers: { location: paths.functions, 'set-cookie': sessions.close(request) },
  }));
}

/** A page elsewhere whose name leads to this machine must not read these (DNS rebinding). */
function isForThisMachine({ url }: RequestHead): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

function viewOf(request: RequestHead, face: FaceParts, sessions: Sessions): View {
  const session = sessions.of(request);
  const query = new URLSearchParams(request.url.searchParams);
  query.delete('code');
  const mayRead = session !== undefined || face.keys.isMaster(request);
  const text = query.size > 0 ? `?${query.toString()}` : '';
  return {
    face,
    session,
    query,
    payloads: mayRead && query.get('payloads')?.toLowerCase() === 'true',
    at: `${request.url.pathname}${text}`,
  };
}

function refusal({ session }: View): HostResponse {
  const body = html`<p>
    Nothing was done: the form was not sent from a page that you signed in to.
    <a href="${paths.signIn}">Sign in with the master key</a> and try again.
  </p>`;
  return pageResponse({ title: 'Not signed in', body, at: paths.instances, session, status: 403 });
}
