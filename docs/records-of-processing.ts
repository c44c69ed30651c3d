/** Writes the records of processing (GDPR Art. 30) out of the data map. Run by `npm run docs`. */
import { format, resolveConfig } from 'prettier';
import { places, columnsOf, isPersonal, tablesOf, type TableName } from '../domain/data-map.ts';
import { activities } from '../domain/data-map/activities.ts';
import { hoursKeptAfter, type EndReason } from '../domain/data-map/retention.ts';
import {
  dataKinds,
  type Category,
  type Copy,
  type DataKind,
  type Erasure,
  type Limit,
  type Place,
  type Subject,
} from '../domain/data-map/words.ts';

/** The whole document, formatted as `file` has to be. */
export async function recordsOfProcessing(file: string): Promise<string> {
  const text = [
    introduction,
    promises(),
    recipients,
    overview(),
    ...details(),
    columns(),
    histories(),
    measures,
  ];
  return format(text.join('\n\n'), { ...(await resolveConfig(file)), filepath: file });
}

const introduction = `# Records of processing

<!-- Generated from domain/data-map.ts by "npm run docs". Changes here are lost, and refused by a test. -->

What is kept where, in the shape of Article 30(2) of the GDPR, place by place and column by column. A place, a table, a column, a
kind of secret, an entity or an orchestration that is missing here makes a test fail. What the README lists as not there yet is
described as it has to be once it is there.

- **Controller**: for service data and licences the company that uses Presence Hub, the publisher being its **processor**; for
  billing data the publisher itself. Which companies these are is in the table \`tenants\`; the publisher, its representative and
  its data protection officer are named in the privacy policy.
- **Categories of processing**: reading presence and a directory at Microsoft and at RingCentral, keeping each person's presence
  the same on both sides, accounting for what was bought, and carrying out what people ask about their data.
- **Data subjects**: licensed users of the company, the accounts that consent on its behalf, the purchaser.
- **Rights**: information, correction, restriction, deletion, a machine-readable copy and objection are asked for in the
  product, and kept in \`data_requests\` until they are done; restricted data is stored and not processed.`;

const recipients = `## Recipients, and transfers to other countries

| recipient | role | what it gets |
| --- | --- | --- |
| Microsoft Graph, in the company's own Entra tenant | the company's own processor | presence to be shown, directory ids |
| RingCentral, in the company's own account | the company's own processor | presence to be shown, extension ids |
| Microsoft commercial marketplace | seller | the purchase's ids and quantities |
| Microsoft Azure | sub-processor of the publisher | all that is listed below, in the region of the deployment |

Nobody else gets anything. The publisher transfers nothing to another country than that of the deployment's region; where the
company's Entra tenant and RingCentral account are is the company's choice.`;

const measures = `## Technical and organisational measures

- **Encrypted at rest**: Azure SQL with Transparent Data Encryption; Key Vault; storage with Azure's encryption.
- **Encrypted in transit**: TLS between all parts. Graph's notifications carry presence encrypted with our certificate.
- **Tokens in Key Vault only**: never in SQL, durable history, entity state, a log or an error's text. They are in memory while
  they are used.
- **Companies kept apart**: every query is completed with the tenant's id by the program, and cannot be written without.
- **Little data**: history holds ids and codes, never presence; telemetry holds a closed list of words, and pseudonyms whose
  key dies with the tenant.
- **Erasure that does not depend on one run**: when it is due stands in \`due_deletions\` until it is done; secrets are purged
  after they are deleted.
- **Tested**: a search through everything that the product keeps, after a customer's life, finds no token and no personal data
  but where this page says (\`tests/flows/data-at-rest.flow.ts\`).`;

const categories: Record<Category, string> = {
  service: 'service data',
  licence: 'licence management',
  billing: 'billing',
  none: 'nothing of a customer',
};
const subjects: Record<Subject, string> = {
  person: 'people of the company',
  company: 'the company',
  purchaser: 'the purchaser',
  nobody: 'nobody',
};

function promises(): string {
  const row = (category: Exclude<Category, 'none'>): string => {
    const after = (reason: EndReason): string => {
      const hours = hoursKeptAfter(reason, category);
      return hours === undefined ? 'not by that' : `after ${span(hours)}`;
    };
    return line(categories[category], after('cancelled'), after('suspended'));
  };
  return `## How long

Erased when the company's subscription is:

${table(['category', 'cancelled', 'suspended'], [row('service'), row('licence'), row('billing')])}

Some places have shorter bounds of their own, below. Where one says "until its category is erased", it is these times.`;
}

function overview(): string {
  const rows = [...places].map(([id, place]) =>
    line(
      code(id),
      categories[place.category],
      place.whose.map((each) => subjects[each]).join(', '),
      kinds(place.holds),
    ),
  );
  return `## Places

${table(['place', 'category', 'whose data', 'kinds of data'], rows)}`;
}

function details(): string[] {
  const services = [...new Set([...places.values()].map(({ where }) => where))];
  return services.map((service) => {
    const there = [...places].filter(([, { where }]) => where === service);
    return [`## ${service}`, ...there.map(([id, place]) => detail(id, place))].join('\n\n');
  });
}

function detail(id: string, { what, why, kept, erased, copied }: Place): string {
  return `### ${code(id)}

- Holds ${what}.
- Purpose: ${why}.
- Kept ${kept.map(limit).join(', or ')}${kept.length > 1 ? ', whichever comes first' : ''}.
- Erasure: ${erasure(erased)}.
- Copies: ${copy(copied)}.`;
}

function limit(bound: Limit): string {
  switch (bound.by) {
    case 'category':
      return 'until its category is erased';
    case 'age':
      return `for ${span(bound.hours)} since ${bound.since}`;
    case 'number':
      return `while it is among the newest ${bound.most.toLocaleString('en')} ${bound.of}`;
    case 'use':
      return `until ${bound.until}`;
    case 'nothing':
      return `without a limit: ${bound.why}`;
  }
}

function erasure(way: Erasure): string {
  switch (way.by) {
    case 'tenantRows':
      return "all rows with the tenant's id are deleted";
    case 'secretPurge':
      return `deleted and then purged, as number ${way.turn} of the secrets`;
    case 'blobRemoval':
      return `all blobs of the container ${code(way.container)} whose names begin with ${code(way.prefix)} are removed`;
    case 'entityPurge':
      return `the state under the key ${code(way.key)} is destroyed, and its rows are purged`;
    case 'instancePurge':
      return `instances ${way.ids.map(code).join(' and ')} are terminated, and purged with their histories`;
    case 'addressee':
      return 'what is addressed to an instance or entity that is gone is dropped';
    case 'ageing':
      return `none of one company alone: ${way.why}`;
    case 'nothing':
      return `none: ${way.why}`;
  }
}

function copy(copied: Copy): string {
  switch (copied.into) {
    case 'namesOnly':
      return "the company's lists it by name, without its value";
    case 'none':
      return `in none: ${copied.why}`;
    default:
      return copied.into.length === 1 ? "in the company's" : "in the company's and in the person's";
  }
}

function columns(): string {
  const all = (['service', 'licence', 'billing', 'none'] as const).flatMap(tablesOf);
  return ['## Tables, column by column', ...all.map(columnsTable)].join('\n\n');
}

function columnsTable(name: TableName): string {
  const rows = Object.entries(columnsOf(name)).map(([column, [meaning, ...holds]]) =>
    line(code(column), meaning, kinds(holds), isPersonal(name, column as never) ? 'personal' : ''),
  );
  return `### ${code(name)}

${table(['column', 'what', 'kinds of data', ''], rows)}`;
}

function histories(): string {
  const rows = Object.entries(activities).map(([name, [passes, ...holds]]) =>
    line(code(name), passes, kinds(holds)),
  );
  return `## What activities leave in the histories of their orchestrations

${table(['activity', 'what', 'kinds of data'], rows)}`;
}

function kinds(holds: readonly DataKind[]): string {
  return holds.length === 0 ? 'none' : holds.map((kind) => dataKinds[kind].words).join(', ');
}

function span(hours: number): string {
  if (hours <= 24) return hours === 1 ? '1 hour' : `${hours} hours`;
  return `${hours / 24} days`;
}

const code = (text: string): string => `\`${text}\``;
const line = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
const table = (heads: string[], rows: string[]): string =>
  [line(...heads), line(...heads.map(() => '---')), ...rows].join('\n');
