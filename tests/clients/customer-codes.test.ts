/** The codes of customers: made by whoever has the signing key, and by nobody else. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { makeCustomerCodes } from '../../clients/customer-codes.ts';

const aKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const signingKey = aKey();
const codes = makeCustomerCodes(signingKey);
const tenantId = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
const code = codes.codeFor(tenantId);
const claim = code.slice(tenantId.length + 1);

test('a code leads back to its tenant, in small letters, however the tenant was written', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      const made = codes.codeFor(id.toUpperCase());
      expect(made).toBe(codes.codeFor(id));
      expect(codes.read(made)).toEqual({ tenantId: id });
      expect(codes.read(made.replace(id, id.toUpperCase()))).toEqual({ tenantId: id });
    }),
  );
});

test('a code is the same after a restart, and with a key that an editor has ended with another line', () => {
  expect(makeCustomerCodes(`${signingKey}\n`).codeFor(tenantId)).toBe(code);
});

test('any sign that is another makes it nobody’s: the last ones, of which bits are left over, included', () => {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (const place of claim.split('').keys()) {
    for (const sign of signs) {
      const altered = `${claim.slice(0, place)}${sign}${claim.slice(place + 1)}`;
      if (altered !== claim) expect(codes.read(`${tenantId}.${altered}`)).toBeUndefined();
    }
  }
});

describe('nobody’s code is', () => {
  const another = '1f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
  test.each([
    ['another tenant’s claim', `${another}.${claim}`],
    ['one made with another key', makeCustomerCodes(aKey()).codeFor(tenantId)],
    ['a tenant alone', tenantId],
    ['a claim alone', claim],
    ['no claim', `${tenantId}.`],
    ['a claim that is too short', code.slice(0, -1)],
    ['a claim that is too long', `${code}A`],
    ['a claim filled up', `${code}=`],
    ['three parts', `${code}.${claim}`],
    ['a tenant that is no GUID', `me.${claim}`],
    ['nothing', ''],
    ['a blank around it', ` ${code}`],
    ['a line after it', `${code}\n`],
    ['the hash that stands in receipts', `${tenantId}.${codes.claimHash(tenantId)}`],
  ])('%s', (_what, wrong) => {
    expect(codes.read(wrong)).toBeUndefined();
  });
});

test('the hash in receipts is made of the claim alone, so that whoever has the code finds them', () => {
  const hash = createHash('sha256').update(Buffer.from(claim, 'base64url')).digest('base64url');
  expect(codes.claimHash(tenantId)).toBe(hash);
  expect(codes.claimHash(tenantId.toUpperCase())).toBe(hash);
});
