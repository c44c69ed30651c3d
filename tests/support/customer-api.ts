/** Asks the app as a customer does, with the code of their subscription. */
import { z } from 'zod';
import type { Customer, StackProcess } from '../../local/stack/stack-process.ts';

export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

interface Asked {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
}

export class CustomerApi {
  readonly #app: string;
  readonly #code: string;

  private constructor(app: string, code: string) {
    this.#app = app;
    this.#code = code;
  }

  static async of(
    stack: StackProcess,
    { subscriptionId }: Pick<Customer, 'subscriptionId'>,
  ): Promise<CustomerApi> {
    return new CustomerApi(stack.app, await stack.customerCode(subscriptionId));
  }

  /** `path` is what follows `/api/subscription/`. */
  async ask(path: string, { method = 'GET', body, headers = {} }: Asked = {}): Promise<Answered> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${this.#app}/api/subscription/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#code}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: text }),
    });
    const said = await response.text();
    const parsed = z.record(z.string(), z.unknown()).parse(said === '' ? {} : JSON.parse(said));
    return { status: response.status, headers: response.headers, body: parsed };
  }

  /** Sets these rules in place of whatever holds. */
  setRules(rules: Record<string, unknown>): Promise<Answered> {
    return this.ask('rules', { method: 'PUT', body: rules, headers: { 'if-match': '*' } });
  }

  setException(userId: string, exception: Record<string, unknown>): Promise<Answered> {
    return this.ask(`people/${userId}/rules`, { method: 'PUT', body: exception });
  }

  explanation(userId: string): Promise<Answered> {
    return this.ask(`people/${userId}/explanation`);
  }
}
