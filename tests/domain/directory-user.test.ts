import { expect, test } from '@jest/globals';
import { takeIn, type DirectoryUser, type UserSaid } from '../../domain/directory-user.ts';

const teams = { servicePlanId: '57FF2DA0-773e-42df-b2af-ffb7a2317929', capabilityStatus: 'Enabled' };
const whole: UserSaid = {
  userId: 'ada',
  displayName: 'Ada',
  mail: 'ada@x.example',
  accountEnabled: true,
  userType: 'Member',
  assignedPlans: [teams],
};
const ada: DirectoryUser = {
  userId: 'ada',
  displayName: 'Ada',
  mail: 'ada@x.example',
  userPrincipalName: null,
  givenName: null,
  surname: null,
  department: null,
  jobTitle: null,
  businessPhones: [],
};

test('a member with an enabled account and Teams is kept', () => {
  expect(takeIn(undefined, whole, true)).toEqual({ kind: 'keep', user: ada });
});

test.each<[string, Partial<UserSaid>]>([
  ['disabled', { accountEnabled: false }],
  ['without a licence', { assignedPlans: [] }],
  ['whose licence is suspended', { assignedPlans: [{ ...teams, capabilityStatus: 'Suspended' }] }],
  ['with another product only', { assignedPlans: [{ ...teams, servicePlanId: 'x' }] }],
  ['who is a guest', { userType: 'Guest' }],
])('somebody %s is not kept, known or not', (_, said) => {
  expect(takeIn(undefined, { ...whole, ...said }, true)).toEqual({ kind: 'drop' });
  expect(takeIn(ada, { userId: 'ada', ...said }, false)).toEqual({ kind: 'drop' });
});

test('a change says only what has changed, and that something is empty now', () => {
  const said = { userId: 'ada', displayName: 'Ada L.', mail: null };
  expect(takeIn(ada, said, false)).toEqual({
    kind: 'keep',
    user: { ...ada, displayName: 'Ada L.', mail: null },
  });
});

test('of somebody unknown a part does not tell enough where they may be licensed now, and else does not matter', () => {
  expect(takeIn(undefined, { userId: 'ada', assignedPlans: [teams] }, false)).toEqual({ kind: 'ask' });
  expect(takeIn(undefined, { userId: 'ada', accountEnabled: true }, false)).toEqual({ kind: 'ask' });
  expect(takeIn(undefined, { userId: 'ada', department: 'Sales' }, false)).toEqual({ kind: 'drop' });
});

test('in a whole record what is absent is empty', () => {
  expect(takeIn(undefined, { userId: 'ada', displayName: 'Ada', accountEnabled: true }, true)).toEqual({
    kind: 'drop',
  });
  expect(takeIn({ ...ada, department: 'Sales' }, whole, true)).toEqual({ kind: 'keep', user: ada });
});
