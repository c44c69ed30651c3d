/** What all of the operator's pages have around them. */
import type { HostResponse } from '../http/messages.ts';
import { Html, html, none } from './html.ts';
import type { Session } from './sessions.ts';
import { style } from './style.ts';

export const paths = {
  functions: '/',
  instances: '/admin/ui/orchestrations',
  instance: '/admin/ui/orchestration',
  entities: '/admin/ui/entities',
  act: '/admin/ui/act',
  signIn: '/admin/ui/sign-in',
  signOut: '/admin/ui/sign-out',
} as const;

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Where the reader is, for the navigation and for coming back after signing in. */
  readonly at: string;
  readonly session: Session | undefined;
  readonly status?: number;
}

const destinations = [
  [paths.functions, 'Functions'],
  [paths.instances, 'Orchestrations'],
  [paths.entities, 'Entities'],
] as const;

/** Nothing is loaded from anywhere, nothing is kept by the browser, and no other page can frame it. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export function pageResponse(page: Page): HostResponse {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} – Functions host</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
          <nav aria-label="Pages">
            ${destinations.map(([path, name]) => link(path, name, page.at.split('?')[0] === path))}
          </nav>
          ${signing(page)}
        </header>
        <main id="content">
          <h1>${page.title}</h1>
          ${page.body}
        </main>
      </body>
    </html> `;
  return { status: page.status ?? 200, headers, body: document.text };
}

function link(path: string, name: string, isHere: boolean): Html {
  return html`<a href="${path}" ${isHere ? html` aria-current="page"` : none}>${name}</a>`;
}

function signing({ session, at }: Page): Html {
  if (!session) return html`<a href="${paths.signIn}?next=${encodeURIComponent(at)}">Sign in to act</a>`;
  return html`<form method="post" action="${paths.signOut}">
    <input type="hidden" name="token" value="${session.token}" /><button>Sign out</button>
  </form>`;
}

/** A point in time, to the millisecond, in UTC. */
export function time(ms: number): Html {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 23)}</time>`;
}

/** A status in words, with its colour beside. */
export function state(name: string): Html {
  const kinds: Readonly<Record<string, string>> = {
    Completed: 'good',
    Failed: 'bad',
    Terminated: 'bad',
    Running: 'open',
    Pending: 'open',
    Suspended: 'open',
  };
  return html`<span class="state ${kinds[name] ?? ''}">${name}</span>`;
}

/** A time span for a reader: `850 ms`, `12.3 s`, `4 min 5 s`, `3 h 2 min`, `2 d 4 h`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const first = units.findIndex(([, size]) => ms >= size);
  return units
    .slice(first, first + 2)
    .map(
      ([name, size], index) =>
        `${Math.floor((index === 0 ? ms : ms % (units[first]?.[1] ?? 1)) / size)} ${name}`,
    )
    .join(' ');
}
