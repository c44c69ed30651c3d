/** Bodies that customers send: parsed once, or refused field by field. A refusal says what each must be, and repeats no value. */
import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import { problem, readJson, type Answer } from './answers.ts';

type Issue = z.ZodError['issues'][number];

/** The body as the schema has it, or the refusal to send, under `title`. */
export async function readBody<Schema extends z.ZodType>(
  request: HttpRequest,
  schema: Schema,
  title: string,
): Promise<{ body: z.infer<Schema> } | { refusal: Answer }> {
  const read = await readJson(request);
  if ('refusal' in read) return read;
  const parsed = schema.safeParse(read.body);
  if (parsed.success) return { body: parsed.data };
  return { refusal: problem(400, title, fieldErrors(parsed.error)) };
}

/** Each field at fault, as `toTeams.inCall`, with what it must be; of several things wrong with one, the first. */
function fieldErrors({ issues }: z.ZodError): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [field, said] of issues.flatMap(faultsOf)) errors[field] ??= said;
  return errors;
}

function faultsOf(issue: Issue): [field: string, said: string][] {
  const unknown = 'is not known';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => [fieldOf([...issue.path, key]), unknown]);
  }
  if (issue.code === 'invalid_key') return [[fieldOf(issue.path), unknown]];
  return [[fieldOf(issue.path), saidOf(issue.message)]];
}

/** Names that nobody would give a field are not repeated. */
function fieldOf(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (/^\w{1,40}$/.test(String(part)) ? String(part) : '?'));
  return parts.length === 0 ? 'body' : parts.join('.');
}

function saidOf(message: string): string {
  return message.replace(/^Invalid (?:input|option): expected (?:one of )?/, 'must be ');
}
