/** Lists orchestrations in the order of their ids, a page at a time. */
import { matches, readFilter } from '../durable/http-api/filters.ts';
import { runtimeStatuses } from '../durable/instance.ts';
import type { Instance } from '../durable/instance.ts';
import type { HostResponse } from '../http/messages.ts';
import type { View } from './view.ts';
import { html, none } from './html.ts';
import type { Html } from './html.ts';
import { pageResponse, paths, state, time } from './layout.ts';

const rowsPerPage = 50;
const rowsPerRead = 500;

export function instancesPage(view: View): HostResponse {
  const { instances, next } = pageOf(view);
  const rows = instances.map(
    (one) =>
      html`<tr>
        <th scope="row"><a href="${instanceLink(one.id)}">${one.id}</a></th>
        <td>${one.name}</td>
        <td>${state(one.status)}</td>
        <td class="time">${time(one.createdAt)}</td>
        <td class="time">${time(one.updatedAt)}</td>
      </tr> `,
  );
  const table = html`<div class="scroll" role="region" aria-label="Orchestrations" tabindex="0">
    <table>
      <caption>
        ${rows.length} ${next === undefined ? '' : 'of more '}orchestrations, times in UTC
      </caption>
      <thead>
        <tr>
          <th scope="col">Instance</th>
          <th scope="col">Function</th>
          <th scope="col">Status</th>
          <th scope="col">Created</th>
          <th scope="col">Last change</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
  const body = html`${filterForm(view)}
  ${rows.length === 0 ? html`<p>No orchestration is like that.</p>` : table}
  ${next === undefined ? none : html`<p><a rel="next" href="${pageLink(view, next)}">Next page</a></p>`}`;
  return pageResponse({ title: 'Orchestrations', body, at: view.at, session: view.session });
}

export function instanceLink(id: string): string {
  return `${paths.instance}?id=${encodeURIComponent(id)}`;
}

function pageLink({ query }: View, after: string): string {
  const next = new URLSearchParams(query);
  next.set('after', after);
  return `${paths.instances}?${next.toString()}`;
}

function pageOf({ query, face }: View): { instances: Instance[]; next: string | undefined } {
  const filter = readFilter(query);
  const name = query.get('name')?.toLowerCase() ?? '';
  const instances: Instance[] = [];
  let after = query.get('after') ?? '';
  for (;;) {
    const read = face.client.hub.store.instancesAfter(after, filter, rowsPerRead);
    for (const one of read) {
      if (name !== '' && one.name.toLowerCase() !== name) continue;
      if (!matches(filter, one.createdAt, one.status)) continue;
      if (instances.length === rowsPerPage) return { instances, next: instances.at(-1)?.id };
      instances.push(one);
    }
    after = read.at(-1)?.id ?? after;
    if (read.length < rowsPerRead) return { instances, next: undefined };
  }
}

function filterForm({ query, face }: View): Html {
  const names = face.worker.functions
    .filter((fn) => fn.trigger.type.toLowerCase() === 'orchestrationtrigger')
    .map((fn) => fn.name);
  return html`<form
    method="get"
    action="${paths.instances}"
    class="filter"
    role="search"
    aria-label="Orchestrations"
  >
    <label>Status ${select('runtimeStatus', runtimeStatuses, query.get('runtimeStatus') ?? '')}</label>
    <label>Function ${select('name', names, query.get('name') ?? '')}</label>
    <label
      >Id begins with <input name="instanceIdPrefix" value="${query.get('instanceIdPrefix') ?? ''}"
    /></label>
    <button>Show</button>
  </form>`;
}

function select(name: string, options: readonly string[], chosen: string): Html {
  const isChosen = (option: string): boolean => option.toLowerCase() === chosen.toLowerCase();
  const items = options.map(
    (option) => html`<option${isChosen(option) ? html` selected` : none}>${option}</option>`,
  );
  return html`<select name="${name}">
    <option value="">any</option>
    ${items}
  </select>`;
}
