/** Every refusal of a token endpoint that the vendors document: gone for good, or to be waited out. */
import { describe, expect, test } from '@jest/globals';
import { tokenFailure } from '../../clients/oauth-failure.ts';

const now = new Date('2026-01-05T10:00:00Z');
const failureOf = (vendor: string, status: number, body: unknown) =>
  tokenFailure(vendor, { status, headers: new Headers(), body: JSON.stringify(body) }, now);
const entra = (status: number, error: string, ...numbers: number[]) =>
  failureOf('entra', status, { error, error_codes: numbers });
const ringCentral = (status: number, error: string, code: string) =>
  failureOf('ringCentral', status, { error, errors: [{ errorCode: code }] });

describe('Entra ends a connection', () => {
  test.each([
    ['the grant is revoked, expired or used', [50173, 70008, 700082, 700084, 70000, 70043, 54005]],
    ['consent is missing, declined or an administrator’s to give', [65001, 65004, 90094, 90095]],
    ['more proof of the person is asked for', [50076, 50079, 50074, 50078, 53000, 53003]],
    ['the user is disabled, absent or not assigned', [50057, 50034, 50105]],
    ['our application is not in the tenant', [700016, 700011]],
  ])('when %s', (_why, numbers) => {
    for (const number of numbers) {
      const expected = { failure: 'consentRevoked', code: `AADSTS${number}` };
      for (const error of ['invalid_grant', 'interaction_required', 'invalid_client', 'new_word']) {
        expect(entra(400, error, number)).toMatchObject(expected);
        expect(entra(401, error, 1, number)).toMatchObject(expected);
      }
    }
  });

  test('when it says so in the words of OAuth only', () => {
    for (const error of ['invalid_grant', 'interaction_required', 'consent_required', 'login_required']) {
      expect(entra(400, error)).toMatchObject({ failure: 'consentRevoked', code: error });
      expect(entra(400, error, 999999)).toMatchObject({ failure: 'consentRevoked', code: error });
    }
  });
});

test.each([
  ['our own secret is wrong or past its end', [7000215, 7000222]],
  ['Entra is busy, or takes us for a loop', [90033, 90024, 90055, 50196]],
])('Entra ends no connection when %s', (_why, numbers) => {
  for (const number of numbers) {
    for (const error of ['invalid_client', 'invalid_grant', 'temporarily_unavailable']) {
      const expected = { failure: 'unavailable', code: `AADSTS${number}` };
      expect(entra(400, error, number)).toMatchObject(expected);
      expect(entra(401, error, number)).toMatchObject(expected);
    }
  }
});

test.each([
  [400, 'invalid_grant', 'OAU-210'],
  [400, 'invalid_grant', 'OAU-213'],
  [401, 'invalid_request', 'OAU-141'],
  [401, 'invalid_request', 'OAU-142'],
  [400, 'invalid_grant', 'OAU-222'],
  [400, 'invalid_grant', 'OAU-232'],
  [400, 'invalid_grant', 'OAU-236'],
  [400, 'unauthorized_client', 'OAU-112'],
])('RingCentral ends a connection with %d %s %s', (status, error, code) => {
  expect(ringCentral(status, error, code)).toMatchObject({ failure: 'consentRevoked', code });
  // Some of its services send the list only, some the single code only.
  expect(failureOf('ringCentral', status, { errors: [{ errorCode: code }] })).toMatchObject({ code });
  expect(failureOf('ringCentral', status, { errorCode: code })).toMatchObject({ failure: 'consentRevoked' });
});

test.each([
  [401, 'invalid_client', 'OAU-146'],
  [401, 'invalid_client', 'OAU-153'],
  [400, 'invalid_request', 'OAU-109'],
  [403, 'access_denied', 'OAU-167'],
  [400, 'brand_new', 'OAU-999'],
])('RingCentral ends no connection with %d %s %s', (status, error, code) => {
  expect(ringCentral(status, error, code)).toMatchObject({ failure: 'unavailable', code });
});

test.each([408, 500, 502, 503, 504])('nobody ends a connection with %d, whatever the body says', (status) => {
  expect(entra(status, 'invalid_grant', 50173)).toMatchObject({ failure: 'unavailable' });
  expect(ringCentral(status, 'invalid_grant', 'OAU-213')).toMatchObject({ failure: 'unavailable' });
});

test('nobody ends a connection with 429, which asks for a pause', () => {
  const throttled = { failure: 'throttled', retryAfterSeconds: 60 };
  expect(entra(429, 'invalid_grant', 50173)).toMatchObject(throttled);
  expect(ringCentral(429, 'invalid_grant', 'OAU-213')).toMatchObject(throttled);
});
