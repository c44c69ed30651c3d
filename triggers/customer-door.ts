/**
 * What all of the customer's doors have in common: who asks is known by the customer's code (`clients/customer-codes.ts`),
 * before anything is looked up; and nothing that is answered may be kept by whoever passes it on.
 */
import { app, type HttpMethod, type HttpRequest, type InvocationContext } from '@azure/functions';
import { input } from 'durable-functions';
import { z } from 'zod';
import type { CustomerCodes } from '../clients/customer-codes.ts';
import { StoreError } from '../domain/store-error.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { VendorError } from '../domain/vendor-error.ts';
import { noStore, problem, type Answer } from './answers.ts';

export interface CustomerDoor {
  codes: Pick<CustomerCodes, 'read'>;
  telemetry: Telemetry;
}

interface Route {
  method: HttpMethod;
  route: string;
}

/** Answers a customer whose code was right. */
type Receive = (tenantId: string, context: InvocationContext, request: HttpRequest) => Promise<Answer>;

/** Where customers ask. */
export const customerPaths = {
  subscription: '/api/subscription',
  export: '/api/subscription/export',
  directory: '/api/subscription/directory',
  receipts: '/api/subscription/receipts',
  preview: '/api/subscription/rules/preview',
} as const;

/** What a customer has asked for is under way, and is to be had there: `what` is how the answer calls it. */
export function underWay(what: 'directory' | 'export' | 'preview'): Answer {
  const path = customerPaths[what];
  return { status: 202, headers: { location: path, 'retry-after': '5' }, jsonBody: { [what]: path } };
}

/** Registers a function that customers ask with their code, with the durable client as extra input. */
export function registerCustomerDoor(
  { codes, telemetry }: CustomerDoor,
  name: string,
  { method, route }: Route,
  receive: Receive,
): void {
  app.http(name, {
    methods: [method],
    authLevel: 'anonymous',
    route,
    extraInputs: [input.durableClient()],
    handler: async (request, context) => {
      const asked = whoAsks(codes, request);
      if (typeof asked === 'string') {
        telemetry.count('codesRefused', { reason: asked });
        return unkept(refusal(asked));
      }
      return unkept(await answer(telemetry, asked.tenantId, () => receive(asked.tenantId, context, request)));
    },
  });
}

/** A code is 80 characters long. */
const bearer = z
  .string()
  .max(200)
  .regex(/^bearer +[^\s]+ *$/i)
  .transform((header) => header.slice('bearer'.length).trim());

function whoAsks(
  codes: Pick<CustomerCodes, 'read'>,
  request: HttpRequest,
): { tenantId: string } | 'missing' | 'wrong' {
  const header = request.headers.get('authorization');
  if (header === null || header === '') return 'missing';
  const code = bearer.safeParse(header).data;
  return (code !== undefined && codes.read(code)) || 'wrong';
}

function refusal(reason: 'missing' | 'wrong'): Answer {
  const title = reason === 'missing' ? 'The code of a subscription is needed.' : 'The code is not right.';
  const refused = problem(401, title, {
    authorization: 'must be: Bearer, a blank, and the code of the subscription',
  });
  // What is to be said, and when (RFC 6750, section 3).
  const challenge = reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"';
  return { ...refused, headers: { ...refused.headers, 'www-authenticate': challenge } };
}

/** What our own store or storage fails at for now the customer can ask again soon. */
async function answer(
  telemetry: Telemetry,
  tenantId: string,
  receive: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await receive();
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof VendorError)) throw error;
    telemetry.record('customerNotAnswered', { kind: errorKind(error) }, { tenantId });
    const refused = problem(503, 'This cannot be answered now. Please ask again in a minute.');
    return { ...refused, headers: { ...refused.headers, 'retry-after': '60' } };
  }
}

function unkept(answered: Answer): Answer {
  return {
    ...answered,
    headers: { ...answered.headers, ...noStore, 'x-content-type-options': 'nosniff' },
  };
}
