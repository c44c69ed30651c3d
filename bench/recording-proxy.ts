/** Passes webhooks on to the app and keeps the bodies of Graph's notifications. */
import { Hono } from 'hono';
import { proxy } from 'hono/proxy';
import { listenOnLoopback, type Listening } from '../local/vendors/listen-on-loopback.ts';

export interface RecordingProxy extends Listening {
  recorded: readonly string[];
}

/** Listens on a free port; `target` answers with the app's origin once there are requests. */
export async function recordingProxy(target: () => string): Promise<RecordingProxy> {
  const recorded: string[] = [];
  const app = new Hono();
  app.all('*', async (context) => {
    const { pathname, search } = new URL(context.req.url);
    const body = await context.req.text();
    if (body.includes('encryptedContent')) recorded.push(body);
    const { method } = context.req;
    return proxy(`${target()}${pathname}${search}`, { method, headers: context.req.header(), body });
  });
  return { ...(await listenOnLoopback(app.fetch, 0)), recorded };
}
