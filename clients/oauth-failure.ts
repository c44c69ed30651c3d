/**
 * What the refusals of Entra ID's and RingCentral's token endpoints mean for a customer's connection: whatever does not say
 * that the grant is gone is trouble between the vendor and us, to be waited out.
 */
import { z } from 'zod';
import type { VendorError } from '../domain/vendor-error.ts';
import { parseJson, refusal, retryAfterSeconds, type HttpAnswer } from './http-answer.ts';
import { openText } from './lenient.ts';

const errorAnswer = z
  .object({
    error: openText,
    error_codes: z.array(z.number()).catch([]),
    errorCode: openText,
    errors: z.array(z.object({ errorCode: openText })).catch([]),
  })
  .catch({ error: undefined, error_codes: [], errorCode: undefined, errors: [] });

/** A vendor that gives no token has not looked at what the token is for, so it never refuses that. */
type TokenFailure = 'consentRevoked' | 'throttled' | 'unavailable';

/** The failure that a token endpoint's refusal stands for. */
export function tokenFailure(vendor: string, answer: HttpAnswer, now: Date): VendorError {
  const { error, error_codes: numbers, errorCode, errors } = errorAnswer.parse(parseJson(answer.body));
  const codes = [
    ...numbers.map((number) => `AADSTS${number}`),
    errorCode,
    ...errors.map((each) => each.errorCode),
    error,
  ];
  const given = codes.filter((code) => code !== undefined);
  const code = given.find((each) => meaningOf.has(each)) ?? given[0];
  return refusal(`the ${vendor} token endpoint`, answer.status, {
    failure: meaning(answer.status, code),
    code,
    wait: retryAfterSeconds(answer.headers.get('retry-after'), now),
    usualWait: 60,
  });
}

/** An overloaded or broken server proves nothing about a grant, whatever its body says. */
function meaning(status: number, code: string | undefined): TokenFailure {
  if (status === 429) return 'throttled';
  if (status < 400 || status === 408 || status >= 500) return 'unavailable';
  return meaningOf.get(code ?? '') ?? 'unavailable';
}

/**
 * Microsoft Entra, "Authentication and authorization error codes": the grant is revoked, expired or used; consent is missing
 * or declined; multi-factor or Conditional Access is asked for; the user is disabled, absent or not assigned; the
 * application is not, or no longer, in the tenant, or the tenant itself is gone.
 */
const grantGone = [
  '50173 70008 700082 700084 70000 70043 54005',
  '65001 65004 90094 90095',
  '50076 50079 50074 50078 53000 53003',
  '50057 50034 50105',
  '700016 700011 7000229 90002',
].flatMap((numbers) => numbers.split(' ').map((number) => `AADSTS${number}`));

/** Vendors' own codes are looked up before the OAuth 2.0 error word. Sources: as above, and RingCentral API guide, "Error codes". */
const meanings: Readonly<Record<string, TokenFailure>> = {
  // Our own secret is wrong, or past its end.
  AADSTS7000215: 'unavailable',
  AADSTS7000222: 'unavailable',
  AADSTS90033: 'unavailable',
  AADSTS90024: 'unavailable',
  AADSTS90055: 'unavailable',
  AADSTS50196: 'unavailable',
  'OAU-210': 'consentRevoked',
  'OAU-213': 'consentRevoked',
  'OAU-141': 'consentRevoked',
  'OAU-142': 'consentRevoked',
  'OAU-222': 'consentRevoked',
  'OAU-232': 'consentRevoked',
  'OAU-236': 'consentRevoked',
  'OAU-112': 'consentRevoked',
  // Our own id or secret is wrong, or our application may not do this.
  'OAU-109': 'unavailable',
  'OAU-146': 'unavailable',
  'OAU-153': 'unavailable',
  // A site access rule; RingCentral's own clients keep the session.
  'OAU-167': 'unavailable',
  invalid_grant: 'consentRevoked',
  interaction_required: 'consentRevoked',
  consent_required: 'consentRevoked',
  login_required: 'consentRevoked',
  unauthorized_client: 'consentRevoked',
  invalid_client: 'unavailable',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
};

const meaningOf: ReadonlyMap<string, TokenFailure> = new Map([
  ...grantGone.map((code) => [code, 'consentRevoked'] as const),
  ...Object.entries(meanings),
]);
