/** Calls of clients are counted by what they are for and how they end, and go through unchanged. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { countTokenRequests, watchSecrets } from '../../../clients/telemetry/vendor-calls.ts';
import type { Telemetry } from '../../../domain/telemetry.ts';
import { VendorError } from '../../../domain/vendor-error.ts';
import { simulateVendors } from '../simulated-vendors.ts';
import { aVault } from '../fakes.ts';

let counted: object[];
let measured: object[];
const telemetry: Telemetry = {
  record: () => undefined,
  count: (counter, attributes) => void counted.push({ counter, ...attributes }),
  measure: (histogram, attributes, value) => void measured.push({ histogram, ...attributes, value }),
};

beforeEach(() => {
  counted = [];
  measured = [];
});

test('a call that goes well answers what the client answered, and is timed', async () => {
  let now = 0;
  const vault = aVault({ name: { held: true } });
  const clock = () => new Date((now += 40));
  const secrets = watchSecrets(vault, { telemetry, clock });
  expect(await secrets.get('name')).toBe('{"held":true}');
  expect(counted).toEqual([
    { counter: 'vendorCalls', vendor: 'keyVault', operation: 'secretRead', outcome: 'done' },
  ]);
  expect(measured).toEqual([
    { histogram: 'vendorCallMs', vendor: 'keyVault', operation: 'secretRead', value: 40 },
  ]);
});

test('a call that fails does so with the very error, and is counted by its kind', async () => {
  const vault = { ...aVault(), writable: false };
  const failure = new VendorError('throttled', 'Throttled');
  vault.set = () => Promise.reject(failure);
  const secrets = watchSecrets(vault, { telemetry, clock: () => new Date(0) });
  await expect(secrets.set('name', 'value')).rejects.toBe(failure);
  expect(counted).toEqual([
    { counter: 'vendorCalls', vendor: 'keyVault', operation: 'secretWrite', outcome: 'throttled' },
  ]);
});

describe('requests for tokens', () => {
  test('are counted when a refresh is really made, with how it ended', async () => {
    const vendors = await simulateVendors();
    try {
      const tokens = vendors.worker({ onTokenRequest: countTokenRequests(telemetry) });
      await tokens.graphApplication(vendors.tenant.microsoftTenantId);
      await tokens.graphApplication(vendors.tenant.microsoftTenantId);
      await expect(tokens.graphApplication('00000000-0000-4000-8000-000000000000')).rejects.toThrow(
        VendorError,
      );
      expect(counted).toEqual([
        { counter: 'tokenRequests', vendor: 'entra', outcome: 'done' },
        { counter: 'tokenRequests', vendor: 'entra', outcome: 'consentRevoked' },
      ]);
    } finally {
      await vendors.close();
    }
  });
});
