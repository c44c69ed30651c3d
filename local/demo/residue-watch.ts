/** Watches through the demo that nothing of a customer lies where the data map does not name it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Needle } from '../residue/byte-search.ts';
import { distinct, knownData } from '../residue/known-data.ts';
import { describeFinding, misplaced, searchData, searchText, type Finding } from '../residue/search-data.ts';

export class ResidueWatch {
  readonly #data: string;
  #known: Needle[] = [];
  readonly #findings: Finding[] = [];

  /** `data` is the stack's data directory. */
  constructor(data: string) {
    this.#data = data;
  }

  /** Looks through all that the app keeps now: tokens are renewed, and histories are gone an hour later. */
  look(): void {
    this.#known = distinct([...this.#known, ...knownData(this.#data)]);
    this.#findings.push(...searchData(join(this.#data, 'app'), this.#known));
  }

  /** What is wrong with all that was found so far, and in the stack's log; undefined where nothing is. */
  verdict(log: readonly string[]): string | undefined {
    const findings = [...this.#findings, ...searchText(log.join('\n'), 'log:host', this.#known)];
    if (!findings.some(({ needle }) => needle.kind === 'token'))
      return 'the tokens, which must be in the vault';
    const wrong = new Set(misplaced(findings).map(describeFinding));
    return wrong.size === 0 ? undefined : `nothing out of place, but ${[...wrong].slice(0, 5).join('; ')}`;
  }

  /** Puts a token where none may be. */
  misplaceToken(): void {
    const token = this.#known.find(({ kind }) => kind === 'token');
    if (token === undefined) throw new Error('No token is known yet.');
    writeFileSync(join(this.#data, 'app', 'left-behind.txt'), token.text);
  }

  /** How many rows of the app's table are the tenant's. */
  rows(table: string, tenantId: string): number {
    const database = this.#open();
    try {
      const found = database.prepare(`select count(*) as n from ${table} where tenant_id = ?`).get(tenantId);
      return Number(found?.['n']);
    } finally {
      database.close();
    }
  }

  /** Where any of this is left in anything that the app keeps; undefined where nothing is. */
  left(texts: readonly string[]): string | undefined {
    const needles = texts.map((text): Needle => ({ kind: 'companyId', label: 'an id or address', text }));
    const found = new Set(searchData(join(this.#data, 'app'), needles).map(describeFinding));
    return found.size === 0 ? undefined : `nothing left, but ${[...found].slice(0, 5).join('; ')}`;
  }

  /** Has rows of the tenant's come back as soon as they are erased. */
  keep(table: string, tenantId: string): void {
    const database = this.#open();
    database.exec(
      `create trigger kept before delete on ${table} when old.tenant_id = '${tenantId}' begin select raise(ignore); end`,
    );
    database.close();
  }

  /** Alters a receipt as somebody who has the database could. */
  tamperWithReceipts(): void {
    const database = this.#open();
    database.exec(
      `update erasure_receipts set body = replace(body, '"reason":"cancelled"', '"reason":"suspended"')`,
    );
    database.close();
  }

  #open(): DatabaseSync {
    return new DatabaseSync(join(this.#data, 'app/presence-hub.sqlite'), { timeout: 5000 });
  }
}
