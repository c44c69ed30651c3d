/** How a customer's connections are noted. */
import { describe, expect, test } from '@jest/globals';
import { activate, newTenant, noteConnection, noteSilence, stop, tenantSchema } from '../../domain/tenant.ts';

const lost = { health: 'reconnectRequired' as const, code: 'OAU-213' };

test('a reconnect is told once, and only where one was needed', () => {
  const fresh = newTenant(5);
  const first = noteConnection(fresh, 'teams', { health: 'connected' }, '2026-03-02T08:00:00Z');
  expect(first.reconnected).toBe(false);
  const broken = noteConnection(first.tenant, 'teams', lost, '2026-03-02T09:00:00Z');
  expect(broken).toMatchObject({ reconnected: false, tenant: { connections: { teams: lost } } });
  const again = noteConnection(broken.tenant, 'teams', { health: 'connected' }, '2026-03-02T10:00:00Z');
  expect(again.reconnected).toBe(true);
  expect(again.tenant.connections.teams).toEqual({ health: 'connected', since: '2026-03-02T10:00:00Z' });
  expect(tenantSchema.parse(again.tenant).connections.ringCentral.health).toBe('unknown');
});

test('what is known already changes nothing', () => {
  const { tenant } = noteConnection(newTenant(1), 'ringCentral', lost, '2026-03-02T09:00:00Z');
  expect(noteConnection(tenant, 'ringCentral', lost, '2026-03-02T11:00:00Z').tenant).toBe(tenant);
});

test('another reason for the same trouble does not begin it anew', () => {
  const { tenant } = noteConnection(newTenant(1), 'ringCentral', lost, '2026-03-02T09:00:00Z');
  const other = { ...lost, code: 'OAU-210' };
  const { ringCentral } = noteConnection(tenant, 'ringCentral', other, '2026-03-02T11:00:00Z').tenant
    .connections;
  expect(ringCentral).toEqual({ ...other, since: '2026-03-02T09:00:00Z' });
});

describe('whether a customer is served', () => {
  test('follows the newest version of its subscription, in whatever order it is told', () => {
    const begun = activate(undefined, { seats: 5, version: 1 });
    expect(begun).toMatchObject({ status: 'active', seats: 5, serviceVersion: 1 });
    const ended = stop(begun, 2);
    expect(ended).toMatchObject({ status: 'stopped', seats: 5, serviceVersion: 2 });
    expect(activate(ended, { seats: 5, version: 1 })).toBe(ended);
    expect(activate(ended, { seats: 5, version: 2 })).toBe(ended);
    const back = activate(ended, { seats: 7, version: 3 });
    expect(back).toMatchObject({ status: 'active', seats: 7, serviceVersion: 3 });
    expect(stop(back, 2)).toBe(back);
  });

  test('is known of one that was never taken on, so that a late onboarding does not begin what has ended', () => {
    const ended = stop(undefined, 2);
    expect(ended).toMatchObject({ status: 'stopped', seats: 0 });
    expect(activate(ended, { seats: 5, version: 1 })).toBe(ended);
  });

  test('does not touch how its connections are', () => {
    const { tenant } = noteConnection(newTenant(1), 'teams', lost, '2026-03-02T09:00:00Z');
    expect(activate(stop(tenant, 2), { seats: 1, version: 3 })?.connections.teams).toMatchObject(lost);
  });

  test('was not said in states of old, which are of customers that are served', () => {
    const { serviceVersion: _unsaid, ...old } = newTenant(3);
    expect(tenantSchema.parse(old)).toEqual(newTenant(3));
  });
});

describe('a subscription that was silent', () => {
  const at = (minute: number): string => `2026-03-02T08:${String(minute).padStart(2, '0')}:00.000Z`;

  test('is noted with the connection, by the newest time, and stays noted when the connection changes', () => {
    const once = noteSilence(newTenant(3), 'teams', at(5));
    expect(once.connections.teams.silentAt).toBe(at(5));
    expect(noteSilence(once, 'teams', at(4))).toBe(once);
    expect(noteSilence(once, 'teams', at(6)).connections.teams.silentAt).toBe(at(6));
    const lost = noteConnection(once, 'teams', { health: 'reconnectRequired', code: 'x' }, at(7)).tenant;
    expect(lost.connections.teams).toMatchObject({ health: 'reconnectRequired', silentAt: at(5) });
    expect(lost.connections.ringCentral.silentAt).toBeUndefined();
  });
});
