/** What an operator may do with an orchestration, as forms that work without scripts. */
import type { Answer, DurableClient, Refusal } from '../durable/client.ts';
import { isFinal } from '../durable/instance.ts';
import type { Instance } from '../durable/instance.ts';
import type { HostResponse } from '../http/messages.ts';
import type { View } from './view.ts';
import { html, none } from './html.ts';
import type { Html } from './html.ts';
import { instanceLink } from './instances-page.ts';
import { pageResponse, paths } from './layout.ts';

interface Action {
  readonly label: string;
  /** Whether it makes sense in this state; the engine itself decides in the end. */
  readonly fits: (instance: Instance) => boolean;
  readonly fields: Html;
  /** What the reader is told afterwards. */
  readonly done: string;
  /** @returns the instance to show next */
  readonly run: (client: DurableClient, id: string, form: URLSearchParams) => Promise<Answer<string | void>>;
}

const reason = html`<label>Reason <input name="reason" /></label>`;
const noFields = none;
const textOf = (form: URLSearchParams, name: string): string => form.get(name)?.trim() ?? '';
const isOpen = ({ status }: Instance): boolean => !isFinal(status);

const actions: Readonly<Record<string, Action>> = {
  raise: {
    label: 'Raise an event',
    fits: isOpen,
    fields: html`<label>Event <input name="event" required /></label>
      <label>Data (JSON) <input name="data" placeholder="null" /></label>`,
    done: 'The event was raised.',
    run: (client, id, form) => raise(client, id, form),
  },
  suspend: {
    label: 'Suspend',
    fits: (one) => isOpen(one) && one.status !== 'Suspended',
    fields: reason,
    done: 'The orchestration was asked to suspend.',
    run: (client, id, form) => client.suspend(id, textOf(form, 'reason')),
  },
  resume: {
    label: 'Resume',
    fits: ({ status }) => status === 'Suspended',
    fields: reason,
    done: 'The orchestration was asked to resume.',
    run: (client, id, form) => client.resume(id, textOf(form, 'reason')),
  },
  terminate: {
    label: 'Terminate',
    fits: isOpen,
    fields: reason,
    done: 'The orchestration was asked to end.',
    run: (client, id, form) => client.terminate(id, textOf(form, 'reason')),
  },
  rewind: {
    label: 'Rewind',
    fits: ({ status }) => status === 'Failed',
    fields: reason,
    done: 'What had failed is tried again.',
    run: (client, id, form) => client.rewind(id, textOf(form, 'reason')),
  },
  restart: {
    label: 'Start again with a new id',
    fits: () => true,
    fields: noFields,
    done: 'This is the new orchestration.',
    run: (client, id) => client.restart(id, true),
  },
  purge: {
    label: 'Purge with all its history',
    fits: () => true,
    fields: noFields,
    done: 'The orchestration was purged.',
    run: async (client, id) => {
      const removed = await client.purge([id]);
      return removed > 0 ? { ok: true, value: undefined } : { ok: false, refusal: { kind: 'notFound' } };
    },
  },
};

export function actionForms(instance: Instance, { session, at }: View): Html {
  if (!session) {
    return html`<p>
      <a href="${paths.signIn}?next=${encodeURIComponent(at)}">Sign in with the master key</a> to raise
      events, suspend, terminate, rewind, restart or purge.
    </p>`;
  }
  const fitting = Object.entries(actions).filter(([, { fits }]) => fits(instance));
  return html`<div class="actions">
    ${fitting.map(
      ([name, { label, fields }]) =>
        html`<form method="post" action="${paths.act}" aria-label="${label}">
          <input type="hidden" name="token" value="${session.token}" /><input
            type="hidden"
            name="id"
            value="${instance.id}"
          />
          <input type="hidden" name="action" value="${name}" />${fields}<button>${label}</button>
        </form> `,
    )}
  </div>`;
}

/** Carries an action out, and leads back to the page with a word about it. */
export async function act(form: URLSearchParams, { face, session }: View): Promise<HostResponse> {
  const id = form.get('id') ?? '';
  const name = form.get('action') ?? '';
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) return failed('There is no such action.', id, session);
  const outcome = await action.run(face.client, id, form);
  if (!outcome.ok) return failed(explain(outcome.refusal), id, session);
  const target = `${instanceLink(outcome.value ?? id)}&done=${name}`;
  return { status: 303, headers: { location: target } };
}

/** What was done, told by its name alone: the address is no place for other people's words. */
export function noticeOf(query: URLSearchParams): Html {
  const name = query.get('done') ?? '';
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  return action ? html`<p class="note" role="status">${action.done}</p>` : none;
}

function failed(message: string, id: string, session: View['session']): HostResponse {
  const body = html`<p class="note bad" role="alert">${message}</p>
    <p><a href="${instanceLink(id)}">Back to ${id}</a></p>`;
  return pageResponse({ title: 'Not done', body, at: paths.instances, session, status: 409 });
}

async function raise(client: DurableClient, id: string, form: URLSearchParams): Promise<Answer<void>> {
  const text = textOf(form, 'data');
  try {
    if (text !== '') JSON.parse(text);
  } catch (error) {
    const message = `The data is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, refusal: { kind: 'invalid', message } };
  }
  return client.raiseEvent(id, textOf(form, 'event'), text === '' ? null : text);
}

function explain(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'notFound':
      return 'There is no such orchestration any more.';
    case 'finished':
      return 'The orchestration has ended meanwhile.';
    case 'notFailed':
      return 'Only a failed orchestration can be rewound.';
    case 'invalid':
    case 'conflict':
      return refusal.message;
    default:
      return refusal satisfies never;
  }
}
