/** Answers to requests for several resources at once: 207, as a JSON array or as multipart/mixed. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';

export interface PartAnswer {
  readonly resourceId: string;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const jsonType = 'application/vnd.ringcentral.multipart+json';

/** Source: RingCentral developer guide, "Batch requests". */
export function multipartAnswer(context: Context, parts: readonly PartAnswer[]): Response {
  if ((context.req.header('Accept') ?? '').includes(jsonType)) {
    return context.body(JSON.stringify(parts), 207, { 'Content-Type': `${jsonType};charset=utf-8` });
  }
  const boundary = `Boundary_${randomUUID()}`;
  const statuses = { response: parts.map(({ resourceId, status }) => ({ href: resourceId, status })) };
  const sections = [statuses, ...parts.map((part) => part.body)].map(
    (body) => `--${boundary}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}\r\n`,
  );
  const text = `${sections.join('')}--${boundary}--\r\n`;
  return context.body(text, 207, { 'Content-Type': `multipart/mixed;boundary=${boundary}` });
}
