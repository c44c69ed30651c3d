import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  matchPeople,
  plainNumber,
  type MatchedExtension,
  type MatchedUser,
  type Pair,
} from '../../domain/matching.ts';

const aUser = (userId: string, given: Partial<MatchedUser> = {}): MatchedUser => ({
  userId,
  mail: null,
  userPrincipalName: null,
  businessPhones: [],
  ...given,
});
const anExtension = (extensionId: string, given: Partial<MatchedExtension> = {}): MatchedExtension => ({
  extensionId,
  mail: null,
  phone: null,
  ...given,
});
const match = (
  users: readonly MatchedUser[],
  extensions: readonly MatchedExtension[],
  existing: readonly Pair[] = [],
) => matchPeople({ users, extensions, existing });
const ada1 = { userId: 'ada', extensionId: '1' };

test('a mail address matches the address or the principal name of a person, in any case', () => {
  const users = [
    aUser('ada', { mail: 'Ada@Contoso.example' }),
    aUser('bob', { mail: 'other@contoso.example', userPrincipalName: 'bob@contoso.example' }),
  ];
  const extensions = [
    anExtension('1', { mail: 'ada@contoso.example' }),
    anExtension('2', { mail: 'BOB@contoso.example' }),
  ];
  expect(match(users, extensions).pairs).toEqual([ada1, { userId: 'bob', extensionId: '2' }]);
});

test('a direct number matches where no address does, however it is written', () => {
  const users = [aUser('ada', { mail: 'ada@x.example', businessPhones: ['+1 (650) 555-0100'] })];
  const extensions = [anExtension('1', { mail: 'phones@x.example', phone: '+16505550100' })];
  expect(match(users, extensions).pairs).toEqual([ada1]);
});

test('a number that several have matches nobody', () => {
  const phone = '+16505550100';
  const users = [aUser('ada', { businessPhones: [phone] }), aUser('bob', { businessPhones: [phone] })];
  const { pairs, unmatchedUserIds, duplicates } = match(users, [anExtension('1', { phone })]);
  expect(pairs).toEqual([]);
  expect(unmatchedUserIds).toEqual(['ada', 'bob']);
  expect(duplicates).toEqual([]);
});

test('two people with the same address are both named, with the extension, and neither is matched', () => {
  const users = [aUser('ada', { mail: 'a@x.example' }), aUser('bob', { mail: 'A@x.example' })];
  const { pairs, duplicates, unmatchedUserIds } = match(users, [anExtension('1', { mail: 'a@x.example' })]);
  expect(pairs).toEqual([]);
  expect(duplicates).toEqual([{ mails: ['a@x.example'], userIds: ['ada', 'bob'], extensionIds: ['1'] }]);
  expect(unmatchedUserIds).toEqual([]);
});

test('two extensions with the same address are both named, and a number does not help', () => {
  const users = [aUser('ada', { mail: 'a@x.example', businessPhones: ['+16505550100'] })];
  const extensions = [
    anExtension('1', { mail: 'a@x.example', phone: '+16505550100' }),
    anExtension('2', { mail: 'a@x.example' }),
  ];
  const { pairs, duplicates } = match(users, extensions);
  expect(pairs).toEqual([]);
  expect(duplicates[0]).toMatchObject({ userIds: ['ada'], extensionIds: ['1', '2'] });
});

test('somebody who is mapped stays so when somebody else gets the same address', () => {
  const users = [aUser('ada', { mail: 'a@x.example' }), aUser('bob', { mail: 'a@x.example' })];
  const { pairs, duplicates } = match(users, [anExtension('1', { mail: 'a@x.example' })], [ada1]);
  expect(pairs).toEqual([ada1]);
  expect(duplicates).toHaveLength(1);
});

test('a change of name on one side tears nobody apart', () => {
  const users = [aUser('ada', { mail: 'lovelace@x.example' })];
  const extensions = [anExtension('1', { mail: 'ada@x.example' })];
  expect(match(users, extensions).pairs).toEqual([]);
  expect(match(users, extensions, [ada1]).pairs).toEqual([ada1]);
});

test('an extension that was handed on goes to whose address it has now', () => {
  const users = [aUser('ada', { mail: 'ada@x.example' }), aUser('bob', { mail: 'bob@x.example' })];
  const { pairs, unmatchedUserIds } = match(users, [anExtension('1', { mail: 'bob@x.example' })], [ada1]);
  expect(pairs).toEqual([{ userId: 'bob', extensionId: '1' }]);
  expect(unmatchedUserIds).toEqual(['ada']);
});

test('who has another extension now is matched with that', () => {
  const users = [aUser('ada', { mail: 'ada@x.example' })];
  const extensions = [
    anExtension('1', { mail: 'spare@x.example' }),
    anExtension('2', { mail: 'ada@x.example' }),
  ];
  expect(match(users, extensions, [ada1]).pairs).toEqual([{ userId: 'ada', extensionId: '2' }]);
});

test('a mapping ends with either of its parts', () => {
  expect(match([], [anExtension('1')], [ada1])).toMatchObject({ pairs: [], unmatchedExtensionIds: ['1'] });
  expect(match([aUser('ada')], [], [ada1])).toMatchObject({ pairs: [], unmatchedUserIds: ['ada'] });
});

test('only international numbers count', () => {
  expect(plainNumber('+49 (0)30 123')).toBe('+49030123');
  for (const local of ['555-0100', '0049301234567', '+1', 'x100', ''])
    expect(plainNumber(local)).toBeUndefined();
});

const mail = fc.constantFrom('a@x', 'B@x', 'b@x', 'c@x', 'd@x', null);
const phone = fc.constantFrom('+16505550100', '+16505550101', '+1 650 555 0102', '0100');
const users = fc.uniqueArray(
  fc.record({
    userId: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5'),
    mail,
    userPrincipalName: mail,
    businessPhones: fc.array(phone, { maxLength: 2 }),
  }),
  { selector: ({ userId }) => userId },
);
const extensions = fc.uniqueArray(
  fc.record({
    extensionId: fc.constantFrom('1', '2', '3', '4', '5'),
    mail,
    phone: fc.option(phone),
  }),
  { selector: ({ extensionId }) => extensionId },
);
const existing = fc
  .tuple(fc.shuffledSubarray(['u1', 'u2', 'u3', 'u4', 'u5']), fc.shuffledSubarray(['1', '2', '3', '4', '5']))
  .map(([userIds, extensionIds]) =>
    userIds.flatMap((userId, index) => {
      const extensionId = extensionIds[index];
      return extensionId === undefined ? [] : [{ userId, extensionId }];
    }),
  );
const known = fc.record({ users, extensions, existing });

test('nobody is matched twice, and everybody is matched, unmatched or a duplicate', () => {
  fc.assert(
    fc.property(known, (company) => {
      const { pairs, unmatchedUserIds, unmatchedExtensionIds, duplicates } = matchPeople(company);
      const userIds = pairs.map((pair) => pair.userId);
      const extensionIds = pairs.map((pair) => pair.extensionId);
      expect(new Set(userIds).size).toBe(userIds.length);
      expect(new Set(extensionIds).size).toBe(extensionIds.length);
      const unclear = duplicates.flatMap((each) => [...each.userIds, ...each.extensionIds]);
      const all = new Set([
        ...userIds,
        ...extensionIds,
        ...unmatchedUserIds,
        ...unmatchedExtensionIds,
        ...unclear,
      ]);
      expect(all.size).toBe(company.users.length + company.extensions.length);
      for (const id of [...unmatchedUserIds, ...unmatchedExtensionIds]) {
        expect([...userIds, ...extensionIds, ...unclear]).not.toContain(id);
      }
    }),
  );
});

test('the order in which people and extensions come does not matter', () => {
  fc.assert(
    fc.property(known, (company) => {
      const turned = {
        users: company.users.toReversed(),
        extensions: company.extensions.toReversed(),
        existing: company.existing.toReversed(),
      };
      expect(matchPeople(turned)).toEqual(matchPeople(company));
    }),
  );
});

test('a matching stays as it is when it is made again of its own result', () => {
  fc.assert(
    fc.property(known, (company) => {
      const matching = matchPeople(company);
      expect(matchPeople({ ...company, existing: matching.pairs })).toEqual(matching);
    }),
  );
});

test('with nobody mapped before, no duplicate is matched', () => {
  fc.assert(
    fc.property(known, (company) => {
      const { pairs, duplicates } = matchPeople({ ...company, existing: [] });
      const unclear = duplicates.flatMap((each) => [...each.userIds, ...each.extensionIds]);
      for (const { userId, extensionId } of pairs) {
        expect(unclear).not.toContain(userId);
        expect(unclear).not.toContain(extensionId);
      }
    }),
  );
});
