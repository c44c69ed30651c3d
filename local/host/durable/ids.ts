/** Ids as the extension makes them. */
import { randomUUID } from 'node:crypto';

/** 32 hexadecimal digits. */
export function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}
