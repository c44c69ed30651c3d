/** The customer's page about their directories, and what their administrators do with people at the vendors. */
import { expect } from '@jest/globals';
import { z } from 'zod';
import type { Customer } from '../../local/stack/stack-process.ts';
import type { StackWithData } from './stack-with-data.ts';

const personSchema = z.object({ userId: z.string(), displayName: z.string() });
const extensionSchema = z.object({ extensionId: z.string(), name: z.string() });
const pageSchema = z.object({
  lastRun: z.object({ outcome: z.string(), code: z.string().nullable() }),
  counts: z.record(z.string(), z.number()),
  unplaced: z.array(personSchema),
  unmatchedUsers: z.array(personSchema),
  unmatchedExtensions: z.array(extensionSchema),
  duplicates: z.array(
    z.object({
      mails: z.array(z.string()),
      users: z.array(personSchema),
      extensions: z.array(extensionSchema),
    }),
  ),
});

const addedSchema = z.object({ userId: z.string().default(''), extensionId: z.string().default('') });
export type Added = z.infer<typeof addedSchema>;

export class DirectoryDoor {
  readonly #world: StackWithData;
  readonly #id: string;

  constructor(world: StackWithData, { subscriptionId }: Pick<Customer, 'subscriptionId'>) {
    this.#world = world;
    this.#id = subscriptionId;
  }

  /** The customer asks for a sync, and everything is waited for that follows, the letting go of people included. */
  async sync(): Promise<void> {
    await this.ask();
    await this.#world.stack.idle();
    await this.#world.stack.advance('PT1M');
  }

  async ask(): Promise<void> {
    const { status } = await this.#call('POST', '/api/subscription/directory/sync');
    expect(status).toBe(202);
  }

  async page(): Promise<z.infer<typeof pageSchema>> {
    const response = await this.#call('GET', '/api/subscription/directory');
    expect(response.status).toBe(200);
    return pageSchema.parse(await response.json());
  }

  async hire(person: Record<string, unknown>): Promise<Added> {
    return addedSchema.parse(await this.#world.stack.post(`/customers/${this.#id}/people`, person));
  }

  /** `id` is a directory id at Microsoft, an extension id at RingCentral. */
  async change(id: string, change: Record<string, unknown>): Promise<void> {
    await this.#world.stack.patch(`/customers/${this.#id}/people/${id}`, change);
  }

  async remove(id: string): Promise<void> {
    await this.#world.stack.delete(`/customers/${this.#id}/people/${id}`);
  }

  async #call(method: string, path: string): Promise<Response> {
    const authorization = `Bearer ${await this.#world.stack.customerCode(this.#id)}`;
    return fetch(`${this.#world.stack.app}${path}`, { method, headers: { authorization } });
  }
}
