/** Lists entities in the order of their ids, with their state for who may see it. */
import type { EntityRow } from '../durable/instance.ts';
import { entityInstanceId, parseEntityInstanceId } from '../durable/messages.ts';
import type { HostResponse } from '../http/messages.ts';
import type { View } from './view.ts';
import { html, none } from './html.ts';
import type { Html } from './html.ts';
import { data, payloadLink } from './instance-page.ts';
import { instanceLink } from './instances-page.ts';
import { pageResponse, paths, time } from './layout.ts';

const rowsPerPage = 50;

export function entitiesPage(view: View): HostResponse {
  const { query, face, session, payloads } = view;
  const name = query.get('name')?.trim() ?? '';
  const prefix = name === '' ? '@' : entityInstanceId({ name, key: query.get('key') ?? '' });
  const read = face.client.hub.store.entitiesAfter(query.get('after') ?? '', prefix, rowsPerPage);
  const next = read.length === rowsPerPage ? read.at(-1)?.id : undefined;
  const body = html`<form
      method="get"
      action="${paths.entities}"
      class="filter"
      role="search"
      aria-label="Entities"
    >
      <label>Name <input name="name" value="${name}" /></label>
      <label>Key begins with <input name="key" value="${query.get('key') ?? ''}" /></label
      ><button>Show</button>
    </form>
    ${payloads ? none : payloadLink(view)}
    ${read.length === 0 ? html`<p>No entity is like that.</p>` : table(read, view)}
    ${next === undefined ? none : html`<p><a rel="next" href="${pageLink(view, next)}">Next page</a></p>`}`;
  return pageResponse({ title: 'Entities', body, at: view.at, session });
}

function table(entities: readonly EntityRow[], { payloads, face }: View): Html {
  const rows = entities.map((entity) => {
    const { name, key } = parseEntityInstanceId(entity.id);
    const waiting = face.client.hub.waiting(entity.id);
    const holder = entity.lockedBy;
    return html`<tr>
      <th scope="row">${name}</th>
      <td>${key}</td>
      <td>${entity.exists ? 'yes' : 'no'}</td>
      <td>${holder ? html`<a href="${instanceLink(holder)}">${holder}</a>` : '–'}</td>
      <td>${waiting}</td>
      <td class="time">${time(entity.updatedAt)}</td>
      ${payloads ? html`<td>${data(entity.state)}</td>` : none}
    </tr> `;
  });
  return html`<div class="scroll" role="region" aria-label="Entities" tabindex="0">
    <table>
      <caption>
        ${rows.length} entities, times in UTC
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Key</th>
          <th scope="col">Exists</th>
          <th scope="col">Locked by</th>
          <th scope="col">Waiting</th>
          <th scope="col">Last change</th>
          ${payloads ? html`<th scope="col">State</th>` : none}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function pageLink({ query }: View, after: string): string {
  const next = new URLSearchParams(query);
  next.set('after', after);
  return `${paths.entities}?${next.toString()}`;
}
