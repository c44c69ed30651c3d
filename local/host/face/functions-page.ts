/** The first page: the app's functions with what starts them and where they are. */
import type { HostResponse } from '../http/messages.ts';
import { routeOf } from '../http/function-routes.ts';
import type { RegisteredFunction } from '../worker/types.ts';
import type { View } from './view.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { pageResponse, paths } from './layout.ts';

export function functionsPage({ face, session }: View): HostResponse {
  const rows = face.worker.functions
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((fn) => row(fn, face));
  const body = html`<p>This Functions app is up and running at <code>${face.url}</code>.</p>
    <div class="scroll" role="region" aria-label="Functions" tabindex="0">
      <table>
        <caption>
          ${rows.length} functions
        </caption>
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">Trigger</th>
            <th scope="col">Address or source</th>
            <th scope="col">Key</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
  return pageResponse({ title: 'Functions', body, at: paths.functions, session });
}

function row(fn: RegisteredFunction, { routePrefix, url }: View['face']): Html {
  const route = routeOf(fn, routePrefix);
  const where = route ? html`${route.methods.join(', ')} <code>${url}/${route.route}</code>` : source(fn);
  return html`<tr>
    <th scope="row">${fn.name}</th>
    <td>${fn.trigger.type}</td>
    <td>${where}</td>
    <td>${route?.authLevel ?? '–'}</td>
  </tr> `;
}

/** What starts a function that has no address. */
function source({ name, trigger }: RegisteredFunction): Html {
  switch (trigger.type.toLowerCase()) {
    case 'timertrigger':
      return html`<code>${String(trigger['schedule'])}</code>`;
    case 'queuetrigger':
      return html`queue <code>${String(trigger['queueName'])}</code>`;
    case 'orchestrationtrigger':
      return html`<a href="${paths.instances}?name=${encodeURIComponent(name)}">its orchestrations</a>`;
    case 'entitytrigger':
      return html`<a href="${paths.entities}?name=${encodeURIComponent(name)}">its entities</a>`;
    default:
      return html`–`;
  }
}
