import { describe, expect, test } from '@jest/globals';
import { presenceResource, watchedUserIds, watchesExactly } from '../../../clients/graph/presence-filter.ts';

describe('the resource of a presence subscription', () => {
  test('names its users quoted, quotes doubled', () => {
    expect(presenceResource(['a', "o'b"])).toBe("/communications/presences?$filter=id in ('a','o''b')");
  });

  test('gives back the users it was made for', () => {
    expect(watchedUserIds(presenceResource(['a', "o'b"]))).toEqual(['a', "o'b"]);
  });

  test.each([
    ["communications/presences?$filter=id in ('A', 'b')", ['a', 'b']],
    ["/v1.0/communications/presences?$filter=id%20in%20('a','b')", ['a', 'b']],
    ["communications/presences('a')", ['a']],
    ['/communications/presences/a', ['a']],
  ])('is read in the spelling %s', (resource, userIds) => {
    expect(watchedUserIds(resource)).toEqual(userIds);
  });

  test.each([
    '/users/a/messages',
    '/communications/presences',
    '/communications/presences?$filter=x eq 1',
    '%',
    '',
  ])('is not %s', (resource) => {
    expect(watchedUserIds(resource)).toBeUndefined();
    expect(watchesExactly(resource, [])).toBe(false);
  });

  test('watches exactly the same set whatever the order and case', () => {
    const resource = presenceResource(['a', 'b']);
    expect(watchesExactly(resource, ['B', 'a'])).toBe(true);
    expect(watchesExactly(resource, ['a'])).toBe(false);
    expect(watchesExactly(resource, ['a', 'b', 'c'])).toBe(false);
    expect(watchesExactly(resource, ['a', 'c'])).toBe(false);
  });
});
