/** What the store's tests are about: two customers, and people. */
import type { User } from '../../store/directory.ts';

export const tenantId = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
export const otherId = '1f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
export const now = new Date('2026-03-02T08:00:00Z');
export const aTenant = { tenantId, microsoftTenantId: 'm', ringCentralAccountId: 'r' };

/** A person of whom everything is known, but for what is `given`. */
export function aUser(userId: string, given: Partial<User> = {}): User {
  return {
    userId,
    displayName: `Person ${userId}`,
    mail: `${userId}@example.com`,
    userPrincipalName: `${userId}@example.com`,
    givenName: 'Given',
    surname: 'Surname',
    department: 'Sales',
    jobTitle: 'Agent',
    businessPhones: ['+1 555 0100', '+1 555 0101'],
    ...given,
  };
}

/** So many different things, in the order of their numbers. */
export function many<Thing>(count: number, make: (text: string, index: number) => Thing): Thing[] {
  return Array.from({ length: count }, (_, index) => make(String(index).padStart(5, '0'), index));
}

/** The later of one and more minutes after `now`. */
export function minutesLater(minutes: number): Date {
  return new Date(now.getTime() + minutes * 60_000);
}
