/** What people have asked for about their data: information, correction, restriction, deletion, a copy, objection. */
import { readRow, type Database } from './database.ts';
import type { Row } from './tables.ts';
import { upsert } from './upsert.ts';

export interface DataRequest {
  requestId: string;
  kind: Row<'data_requests'>['kind'];
  /** Whom it is about; null for the whole company. */
  userId: string | null;
  status: Row<'data_requests'>['status'];
  requestedAt: Date;
  dueAt: Date;
  finishedAt: Date | null;
}

export interface DataRequests {
  /** Adds the request, or changes it where it is there. */
  save(tenantId: string, request: DataRequest): Promise<void>;
  find(tenantId: string, requestId: string): Promise<DataRequest | undefined>;
  /** From the oldest to the newest. */
  all(tenantId: string): Promise<DataRequest[]>;
}

export function makeDataRequests(database: Database): DataRequests {
  const ofTenant = (tenantId: string) =>
    database.inTenant(tenantId).db.selectFrom('data_requests').selectAll();
  return {
    save: async (tenantId, request) => {
      const row = {
        request_id: request.requestId,
        kind: request.kind,
        user_id: request.userId,
        status: request.status,
        requested_at: request.requestedAt.toISOString(),
        due_at: request.dueAt.toISOString(),
        finished_at: request.finishedAt?.toISOString() ?? null,
      };
      await database
        .inTenant(tenantId)
        .together((scope) => upsert(scope, 'data_requests', [row], { by: 'request_id' }));
    },
    find: async (tenantId, requestId) => {
      const row = await ofTenant(tenantId).where('request_id', '=', requestId).executeTakeFirst();
      return row && toRequest(row);
    },
    all: async (tenantId) =>
      (await ofTenant(tenantId).orderBy('requested_at').orderBy('request_id').execute()).map(toRequest),
  };
}

function toRequest(held: unknown): DataRequest {
  const row = readRow('data_requests', held);
  return {
    requestId: row.request_id,
    kind: row.kind,
    userId: row.user_id,
    status: row.status,
    requestedAt: new Date(row.requested_at),
    dueAt: new Date(row.due_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
  };
}
