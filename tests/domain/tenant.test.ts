/** How a customer's connections are noted. */
import { expect, test } from '@jest/globals';
import { newTenant, noteConnection, tenantSchema } from '../../domain/tenant.ts';

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
