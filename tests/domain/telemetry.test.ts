/** What telemetry takes, by its types and at its door: no id, address, name, payload or token. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import {
  admitEvent,
  admitMetric,
  counterNames,
  histogramNames,
  silentTelemetry as telemetry,
} from '../../domain/telemetry.ts';
import { errorKind, vendorCode } from '../../domain/telemetry-words.ts';
import { StoreError } from '../../domain/store-error.ts';
import { VendorError } from '../../domain/vendor-error.ts';

const someId = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
const raw = [
  someId,
  someId.toUpperCase(),
  someId.replaceAll('-', ''),
  'a3f1c2d4-1111-4222-8333-444455556666',
  'ada@contoso.example',
  'Ada Lovelace',
  '+1 415 555 0100',
  '14155550100',
  '401234567008',
  'eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiIxIn0.c2ln',
  'U0pDMTFQMDFQQVMwMHxBQURaOWJ3',
  '{"availability":"Busy"}',
  'https://graph.microsoft.com/v1.0/users/1',
  `deliver:${someId}:teams:1`,
  '',
];

describe('the types', () => {
  test('take the words of the lists', () => {
    telemetry.record(
      'activityFailed',
      { activity: 'writePresence', kind: 'unavailable' },
      { tenantId: someId },
    );
    telemetry.record('connectionLost', { side: 'teams', code: vendorCode('OAU-213') });
    telemetry.count('presenceWrites', { side: 'teams', result: 'done' }, 2);
    telemetry.measure('vendorCallMs', { vendor: 'graph', operation: 'presenceRead' }, 12);
    expect(counterNames).toContain('recordsLost');
    expect(histogramNames).toEqual(['convergenceMs', 'vendorCallMs']);
  });

  // Each line is an error to the compiler; without one, `npm run typecheck` fails.
  test('take no text that was not declared', () => {
    const text: string = someId;
    // @ts-expect-error -- an event that is not in the list
    telemetry.record('userSignedIn', {});
    // @ts-expect-error -- an id as the name of an activity
    telemetry.record('activityFailed', { activity: text, kind: 'other' });
    // @ts-expect-error -- an error's own text
    telemetry.record('activityFailed', { activity: 'writePresence', kind: new Error('x').message });
    // @ts-expect-error -- a code that was not checked to be one
    telemetry.record('connectionLost', { side: 'teams', code: text });
    // @ts-expect-error -- an id beside the fields that are declared
    telemetry.record('connectionMade', { side: 'teams', tenantId: text });
    // @ts-expect-error -- a user without a tenant
    telemetry.record('connectionMade', { side: 'teams' }, { userId: text });
    // @ts-expect-error -- a payload
    telemetry.record('operationIgnored', { entity: 'tenant', faults: { availability: 'Busy' } });
    // @ts-expect-error -- an id as a metric's attribute
    telemetry.count('presenceWrites', { side: 'teams', result: 'done', userId: text });
    // @ts-expect-error -- an attribute that is not in the list
    telemetry.measure('vendorCallMs', { vendor: 'graph', operation: text }, 1);
    expect(admitEvent('userSignedIn', {})).toBeUndefined();
  });
});

describe('the door', () => {
  test('lets what is declared through as it is', () => {
    expect(admitEvent('connectionLost', { side: 'teams', code: 'AADSTS700082' })).toEqual({
      severity: 'warning',
      fields: { side: 'teams', code: 'AADSTS700082' },
      refused: 0,
    });
    expect(admitEvent('connectionLost', { side: 'teams', code: undefined })?.refused).toBe(0);
  });

  test.each(raw)('lets %j through in no field of any event and no attribute of any metric', (text) => {
    for (const fields of [
      { side: text },
      { code: text },
      { activity: text, kind: text },
      { [text]: 'teams' },
    ]) {
      expect(admitEvent('connectionLost', fields)?.fields).toEqual({});
    }
    const attributes = { side: 'teams', result: 'done' };
    const metric = (given: object) =>
      admitMetric('counter', 'presenceWrites', { value: 1, attributes: given });
    expect(metric(attributes)).toEqual(attributes);
    expect(metric({ ...attributes, result: text })).toBeUndefined();
    expect(metric({ ...attributes, userId: text })).toBeUndefined();
    expect(metric({ side: 'teams' })).toBeUndefined();
  });

  test('counts what it refuses, and lets the rest of the event through', () => {
    const fields = { side: 'teams', userId: someId, code: 'ada@contoso.example' };
    expect(admitEvent('connectionLost', fields)).toMatchObject({ fields: { side: 'teams' }, refused: 2 });
  });

  test('takes an extension id or a phone number for no amount', () => {
    for (const count of [401234567008, 14155550100, -1, 1.5, Number.NaN]) {
      expect(admitEvent('instancesPurged', { status: 'Completed', count })?.fields).toEqual({
        status: 'Completed',
      });
    }
  });

  test('knows no event by the name of what every object has', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(admitEvent(name, {})).toBeUndefined();
      expect(admitEvent('connectionMade', { [name]: 'x' })?.fields).toEqual({});
      expect(admitMetric('counter', name, { value: 1, attributes: {} })).toBeUndefined();
    }
  });

  test('lets only words of the lists, codes and amounts out, whatever comes in', () => {
    const fields = fc.dictionary(
      fc.oneof(fc.constantFrom('side', 'code', 'result', 'kind'), fc.string()),
      fc.anything(),
    );
    fc.assert(
      fc.property(fields, (given) => {
        const { fields: out = {} } = admitEvent('presenceNotWritten', given) ?? {};
        for (const [key, value] of Object.entries(out)) {
          const allowed: Record<string, unknown[]> = {
            side: ['teams', 'ringCentral'],
            result: ['rejected', 'retry', 'unsent'],
            code: [vendorCode(String(value))],
          };
          expect(allowed[key]).toContain(value);
        }
      }),
    );
  });
});

describe('a vendor code', () => {
  test.each([
    'OAU-213',
    'CMN-102',
    'AADSTS7000215',
    'ExtensionError',
    'HTTP503',
    'ECONNREFUSED',
    'invalid_grant',
  ])('such as %s is kept', (code) => {
    expect(vendorCode(code)).toBe(code);
  });

  test.each(raw)('that could be about somebody, such as %j, becomes "other"', (text) => {
    expect(vendorCode(text)).toBe('other');
  });

  test('is never an id, an address or a number of somebody, however made up', () => {
    const mail = fc.emailAddress();
    const phone = fc.stringMatching(/^\+?\d{7,15}$/);
    const token = fc.base64String({ minLength: 60 });
    fc.assert(
      fc.property(fc.oneof(fc.uuid(), mail, phone, token), (text) => {
        expect(vendorCode(text)).toBe('other');
      }),
    );
  });
});

test('an error is told by its kind, never by its text', () => {
  const database = new StoreError('conflict', 'SQLITE1555');
  const misshapen = z.string().safeParse(1).error;
  expect(errorKind(new VendorError('throttled', 'CMN-301'))).toBe('throttled');
  expect(errorKind(misshapen)).toBe('misshapen');
  expect(errorKind(database)).toBe('database');
  expect(errorKind(new TypeError('Cannot read ada'))).toBe('defect');
  expect(errorKind(new Error('ada'))).toBe('other');
  expect(errorKind('ada')).toBe('other');
});
