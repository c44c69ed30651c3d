/** The task hub's tables: every statement of the engine, prepared once. Writes belong inside a `Committer` transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EntityRow, Instance, RuntimeStatus } from '../instance.ts';
import type { HistoryEvent } from '../history.ts';
import type {
  ActivityTask,
  MessageBody,
  OutgoingMessage,
  ParentLink,
  StoredActivity,
  StoredMessage,
} from '../messages.ts';
import { entityFromRow, instanceFromRow } from './rows.ts';
import type { EntityTableRow, InstanceTableRow } from './rows.ts';

export class Store {
  readonly #sql: ReturnType<typeof prepareStatements>;
  #lastSeq: number;

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db);
    this.#lastSeq = (this.#sql.lastSeq.get() as { seq: number | null }).seq ?? 0;
  }

  instance(id: string): Instance | undefined {
    const row = this.#sql.getInstance.get(id) as InstanceTableRow | undefined;
    return row && instanceFromRow(row);
  }

  insertInstance(instance: Instance): void {
    const { id, executionId, name, version, status, input, output, customStatus } = instance;
    const state = [id, executionId, name, version, status, input, output, customStatus];
    const origin = [instance.createdAt, instance.updatedAt, parentText(instance.parent), instance.generation];
    this.#sql.insertInstance.run(...state, ...origin);
  }

  /** False when the instance was purged or started anew meanwhile: then nothing is written. */
  updateInstance(instance: Instance, expectedExecutionId: string): boolean {
    const { executionId, version, status, input, output, customStatus, createdAt, updatedAt } = instance;
    const values = [executionId, version, status, input, output, customStatus, createdAt, updatedAt];
    const { changes } = this.#sql.updateInstance.run(
      ...values,
      instance.generation,
      instance.id,
      expectedExecutionId,
    );
    return changes === 1;
  }

  /** Removes an instance or entity with its history and queued messages; false when there was none. */
  deleteInstance(id: string): boolean {
    this.clearHistory(id);
    this.#sql.deleteMessagesOf.run(id);
    const removed = Number(this.#sql.deleteInstance.run(id).changes);
    return removed + Number(this.#sql.deleteEntity.run(id).changes) > 0;
  }

  history(id: string): HistoryEvent[] {
    const rows = this.#sql.history.all(id) as { events: string }[];
    return rows.flatMap((row) => JSON.parse(row.events) as HistoryEvent[]);
  }

  /** @param position of the first of these events in the instance's history */
  appendHistory(id: string, position: number, events: readonly HistoryEvent[]): void {
    if (events.length > 0) this.#sql.addHistory.run(id, position, JSON.stringify(events));
  }

  replaceHistory(id: string, events: readonly HistoryEvent[]): void {
    this.clearHistory(id);
    this.appendHistory(id, 0, events);
  }

  clearHistory(id: string): void {
    this.#sql.clearHistory.run(id);
  }

  addMessage(message: OutgoingMessage): StoredMessage {
    const seq = (this.#lastSeq += 1);
    this.#sql.addMessage.run(seq, message.to, message.dueAt ?? null, JSON.stringify(message.body));
    return { ...message, seq };
  }

  deleteMessage(seq: number): void {
    this.#sql.deleteMessage.run(seq);
  }

  /** All messages not yet consumed, oldest first. */
  messages(): StoredMessage[] {
    type Row = { seq: number; instance_id: string; due_at: number | null; body: string };
    return (this.#sql.messages.all() as Row[]).map((row) => ({
      seq: row.seq,
      to: row.instance_id,
      body: JSON.parse(row.body) as MessageBody,
      ...(row.due_at === null ? {} : { dueAt: row.due_at }),
    }));
  }

  addActivity(task: ActivityTask): StoredActivity {
    const seq = (this.#lastSeq += 1);
    this.#sql.addActivity.run(seq, JSON.stringify(task));
    return { ...task, seq };
  }

  deleteActivity(seq: number): void {
    this.#sql.deleteActivity.run(seq);
  }

  activities(): StoredActivity[] {
    const rows = this.#sql.activities.all() as { seq: number; body: string }[];
    return rows.map((row) => ({ ...(JSON.parse(row.body) as ActivityTask), seq: row.seq }));
  }

  entity(id: string): EntityRow | undefined {
    const row = this.#sql.getEntity.get(id) as EntityTableRow | undefined;
    return row && entityFromRow(row);
  }

  putEntity(entity: EntityRow): void {
    const { id, state, exists, lockedBy, lockId, createdAt, updatedAt } = entity;
    this.#sql.putEntity.run(id, state, exists ? 1 : 0, lockedBy, lockId, createdAt, updatedAt);
  }

  deleteEntity(id: string): void {
    this.#sql.deleteEntity.run(id);
  }

  /** Ids in order, after `after`; of any status where none is given. */
  instancesAfter(
    after: string,
    { prefix, statuses }: { prefix: string; statuses: ReadonlySet<RuntimeStatus> },
    limit: number,
  ): Instance[] {
    const rows = this.#sql.listInstances.all(after, prefix, limit, [...statuses].join());
    return (rows as unknown as InstanceTableRow[]).map(instanceFromRow);
  }

  /** Ids in order, after `after`. */
  entitiesAfter(after: string, prefix: string, limit: number): EntityRow[] {
    const rows = this.#sql.listEntities.all(after, prefix, limit) as unknown as EntityTableRow[];
    return rows.map(entityFromRow);
  }

  timerTrigger(name: string): { last: number | null; next: number; updated: number } | undefined {
    return this.#sql.getTimerTrigger.get(name) as
      { last: number | null; next: number; updated: number } | undefined;
  }

  putTimerTrigger(name: string, status: { last: number | null; next: number; updated: number }): void {
    this.#sql.putTimerTrigger.run(name, status.last, status.next, status.updated);
  }
}

function parentText(parent: ParentLink | null): string | null {
  return parent === null ? null : JSON.stringify(parent);
}

/** Rows in the order of their ids after ?1 whose ids begin with ?2, reading none of the others. */
const afterAndBegun = `id >= max(?1, ?2) AND id <> ?1 AND id < ?2 || char(1114111)`;
const numberOf = '(SELECT number FROM instances WHERE id = ?)';

function prepareStatements(db: DatabaseSync) {
  const prepare = (sql: string): StatementSync => db.prepare(sql);
  return {
    lastSeq: prepare(
      'SELECT max(seq) AS seq FROM (SELECT max(seq) AS seq FROM messages UNION ALL SELECT max(seq) FROM activities)',
    ),
    getInstance: prepare('SELECT * FROM instances WHERE id = ?'),
    insertInstance: prepare(
      'INSERT OR REPLACE INTO instances VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    updateInstance: prepare(
      `UPDATE instances SET execution_id = ?, version = ?, status = ?, input = ?, output = ?, custom_status = ?,
       created_at = ?, updated_at = ?, generation = ? WHERE id = ? AND execution_id = ?`,
    ),
    deleteInstance: prepare('DELETE FROM instances WHERE id = ?'),
    listInstances: prepare(
      `SELECT * FROM instances WHERE ${afterAndBegun} AND (?4 = '' OR instr(?4, status) > 0) ORDER BY id LIMIT ?3`,
    ),
    history: prepare(`SELECT events FROM history WHERE instance = ${numberOf} ORDER BY position`),
    addHistory: prepare(`INSERT INTO history VALUES (${numberOf}, ?, ?)`),
    clearHistory: prepare(`DELETE FROM history WHERE instance = ${numberOf}`),
    addMessage: prepare('INSERT INTO messages VALUES (?, ?, ?, ?)'),
    deleteMessage: prepare('DELETE FROM messages WHERE seq = ?'),
    deleteMessagesOf: prepare('DELETE FROM messages WHERE instance_id = ?'),
    messages: prepare('SELECT * FROM messages ORDER BY seq'),
    addActivity: prepare('INSERT INTO activities VALUES (?, ?)'),
    deleteActivity: prepare('DELETE FROM activities WHERE seq = ?'),
    activities: prepare('SELECT * FROM activities ORDER BY seq'),
    getEntity: prepare('SELECT * FROM entities WHERE id = ?'),
    putEntity: prepare('INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?, ?, ?)'),
    deleteEntity: prepare('DELETE FROM entities WHERE id = ?'),
    listEntities: prepare(`SELECT * FROM entities WHERE ${afterAndBegun} ORDER BY id LIMIT ?3`),
    getTimerTrigger: prepare('SELECT last, next, updated FROM timer_triggers WHERE name = ?'),
    putTimerTrigger: prepare('INSERT OR REPLACE INTO timer_triggers VALUES (?, ?, ?, ?)'),
  };
}
