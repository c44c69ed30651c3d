/** What the refusals of Entra ID's and RingCentral's token endpoints mean for a customer's connection. */
import { z } from 'zod';
import type { VendorError, VendorFailure } from '../domain/vendor-error.ts';
import { failureOfStatus, parseJson, refusal, retryAfterSeconds, type HttpAnswer } from './http-answer.ts';
import { openText } from './lenient.ts';

const errorAnswer = z
  .object({
    error: openText,
    error_codes: z.array(z.number()).catch([]),
    errorCode: openText,
    errors: z.array(z.object({ errorCode: openText })).catch([]),
  })
  .catch({ error: undefined, error_codes: [], errorCode: undefined, errors: [] });

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
function meaning(status: number, code: string | undefined): VendorFailure {
  if (status < 400 || status === 408 || status === 429 || status >= 500) return failureOfStatus(status);
  return meaningOf.get(code ?? '') ?? 'rejected';
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
const meanings: Readonly<Record<string, VendorFailure>> = {
  AADSTS7000215: 'rejected',
  AADSTS7000222: 'rejected',
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
  'OAU-109': 'rejected',
  'OAU-146': 'rejected',
  'OAU-153': 'rejected',
  // A site access rule; RingCentral's own clients keep the session.
  'OAU-167': 'unavailable',
  invalid_grant: 'consentRevoked',
  interaction_required: 'consentRevoked',
  consent_required: 'consentRevoked',
  login_required: 'consentRevoked',
  unauthorized_client: 'consentRevoked',
  invalid_client: 'rejected',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
};

const meaningOf: ReadonlyMap<string, VendorFailure> = new Map([
  ...grantGone.map((code) => [code, 'consentRevoked'] as const),
  ...Object.entries(meanings),
]);
