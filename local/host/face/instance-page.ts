/** One orchestration: how it stands, its history as a timeline, and what an operator may do with it. */
import { isFinal } from '../durable/instance.ts';
import type { Instance } from '../durable/instance.ts';
import type { HostResponse } from '../http/messages.ts';
import { actionForms, noticeOf } from './actions.ts';
import type { View } from './view.ts';
import { html, none } from './html.ts';
import type { Html } from './html.ts';
import { instanceLink } from './instances-page.ts';
import { pageResponse, paths, span, state, time } from './layout.ts';
import { timelineOf } from './timeline.ts';
import type { Step } from './timeline.ts';

const stepsPerPage = 500;

export function instancePage(view: View): HostResponse {
  const { face, query, session } = view;
  const id = query.get('id') ?? '';
  const { store } = face.client.hub;
  const instance = store.instance(id);
  if (!instance) {
    const body = html`${noticeOf(query)}
      <p>
        There is no orchestration <code>${id}</code>. <a href="${paths.instances}">All orchestrations</a>
      </p>`;
    return pageResponse({ title: 'Not found', body, at: paths.instances, session, status: 404 });
  }
  const body = html`${noticeOf(query)} ${summary(instance, view)} ${payloadsOf(instance, view)}
    <h2>Actions</h2>
    ${actionForms(instance, view)}
    <h2 id="history">History</h2>
    ${timeline(timelineOf(store.history(id)), instance, view)}`;
  return pageResponse({ title: instance.id, body, at: view.at, session });
}

function summary(instance: Instance, { face }: View): Html {
  const { parent, name, version, generation, createdAt, updatedAt, status } = instance;
  const until = isFinal(status) ? updatedAt : face.client.hub.clock.now();
  return html`<dl>
    <dt>Function</dt>
    <dd>${name}${version === '' ? none : html` (version ${version})`}</dd>
    <dt>Status</dt>
    <dd>${state(status)}</dd>
    <dt>Created</dt>
    <dd>${time(createdAt)} UTC</dd>
    <dt>Last change</dt>
    <dd>${time(updatedAt)} UTC</dd>
    <dt>${isFinal(status) ? 'Took' : 'So far'}</dt>
    <dd>${span(Math.max(0, until - createdAt))}</dd>
    ${
      generation > 0
        ? html`<dt>Continued as new</dt>
            <dd>${generation} times</dd>`
        : none
    }
    ${
      parent
        ? html`<dt>Started by</dt>
            <dd><a href="${instanceLink(parent.instanceId)}">${parent.instanceId}</a></dd>`
        : none
    }
  </dl>`;
}

/** What the app passes around may be about people: it is shown only to who asks, and has the key. */
function payloadsOf(instance: Instance, view: View): Html {
  if (!view.payloads) return payloadLink(view);
  const { input, output, customStatus } = instance;
  return html`<h2>Data</h2>
    <dl>
      <dt>Input</dt>
      <dd>${data(input)}</dd>
      <dt>Output</dt>
      <dd>${data(output)}</dd>
      <dt>Custom status</dt>
      <dd>${data(customStatus)}</dd>
    </dl>`;
}

export function payloadLink({ session, at }: View): Html {
  const shown = new URL(at, 'http://localhost');
  shown.searchParams.set('payloads', 'true');
  const target = `${shown.pathname}${shown.search}`;
  const href = session ? target : `${paths.signIn}?next=${encodeURIComponent(target)}`;
  return html`<p>
    Data is not shown, as it may be about people.
    <a href="${href}">Show it</a>${session ? none : ' (takes the master key)'}
  </p>`;
}

/** JSON in lines; what is no JSON as it is. */
export function data(text: string | null | undefined): Html {
  if (text === null || text === undefined || text === '') return html`–`;
  try {
    return html`<pre>${JSON.stringify(JSON.parse(text), null, 2)}</pre>`;
  } catch {
    return html`<pre>${text}</pre>`;
  }
}

function timeline(steps: readonly Step[], instance: Instance, view: View): Html {
  const now = isFinal(instance.status) ? instance.updatedAt : view.face.client.hub.clock.now();
  const first = Math.min(...steps.slice(0, 1).map(({ from }) => from), now);
  const whole = Math.max(1, now - first);
  const given = Number(view.query.get('step'));
  const begin = Number.isInteger(given) && given > 0 ? given : 0;
  const rows = steps
    .slice(begin, begin + stepsPerPage)
    .map((step) => row(step, { first, whole, now }, view.payloads));
  const last = begin + rows.length;
  return html`<div class="scroll" role="region" aria-label="History" tabindex="0">
      <table>
        <caption>
          Steps ${rows.length === 0 ? 0 : begin + 1} to ${last} of ${steps.length}, times in UTC
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">What</th>
            <th scope="col">Outcome</th>
            <th scope="col">Took</th>
            <th scope="col">When in the whole</th>
            ${view.payloads ? html`<th scope="col">Data</th>` : none}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${last < steps.length ? html`<p><a rel="next" href="${instanceLink(instance.id)}&step=${last}#history">Later steps</a></p>` : none}`;
}

const colours: Readonly<Record<Step['outcome'], string>> = {
  completed: '',
  failed: 'bad',
  open: 'open',
  moment: '',
};

function row(step: Step, scale: { first: number; whole: number; now: number }, payloads: boolean): Html {
  const { from, kind, name, outcome, attempt } = step;
  const to = step.to ?? scale.now;
  const left = percent((from - scale.first) / scale.whole);
  const width = percent((to - from) / scale.whole);
  const bar = html`<div class="track" aria-hidden="true">
    <span class="${colours[outcome]}" style="left:min(${left}, 100% - 3px);width:${width}"></span>
  </div>`;
  return html`<tr>
    <td class="time">${time(from)}</td>
    <td>${kind} <strong>${name}</strong>${attempt === undefined ? none : html`, attempt ${attempt}`}</td>
    <td class="${outcome === 'failed' ? 'bad' : ''}">${outcome === 'moment' ? '' : outcome}</td>
    <td class="time">${outcome === 'moment' ? '' : span(Math.max(0, to - from))}</td>
    <td>${bar}</td>
    ${payloads ? html`<td>${step.input ? html`in ${data(step.input)}` : none}${step.result ? html`out ${data(step.result)}` : none}</td>` : none}
  </tr> `;
}

function percent(part: number): string {
  return `${(Math.min(1, Math.max(0, part)) * 100).toFixed(2)}%`;
}
