import { describe, expect, test } from '@jest/globals';
import { RouteTemplate } from '../../local/host/http/route-template.ts';

function match(template: string, path: string): Record<string, string> | undefined {
  return new RouteTemplate(template).match(path.split('/').filter(Boolean));
}

describe('route templates', () => {
  test.each([
    ['users', 'users', {}],
    ['users', 'USERS', {}],
    ['users/{id}', 'users/7', { id: '7' }],
    ['users/{id?}', 'users', {}],
    ['users/{id:int?}', 'users/3', { id: '3' }],
    ['files/{*path}', 'files/a/b', { path: 'a/b' }],
    ['files/{*path}', 'files', { path: '' }],
    ['{name}.{ext}', 'report.v2.pdf', { name: 'report', ext: 'v2.pdf' }],
    ['{id:guid}', '7f9c2ba4-e88f-827d-6160-455076058c5f', { id: '7f9c2ba4-e88f-827d-6160-455076058c5f' }],
    ['{word:alpha:minlength(3)}', 'abc', { word: 'abc' }],
    ['{code:regex(^a+$)}', 'aaa', { code: 'aaa' }],
    ['{code:length(2,3)}', 'ab', { code: 'ab' }],
  ])('%s matches %s', (template, path, values) => {
    expect(match(template, path)).toEqual(values);
  });

  test.each([
    ['users', 'users/1'],
    ['users/{id}', 'users'],
    ['users/{id:int}', 'users/x'],
    ['users/{id:guid}', 'users/7'],
    ['{word:alpha:minlength(3)}', 'ab'],
    ['a+b', 'aab'],
  ])('%s does not match %s', (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });

  test('with literals come before those with values, and those before the rest', () => {
    const order = ['a/{*rest}', 'a/{id}', 'a/{id:int}', 'a/b'].map((text) => new RouteTemplate(text));
    const sorted = order.toSorted((a, b) => (a.precedence < b.precedence ? -1 : 1)).map(({ text }) => text);
    expect(sorted).toEqual(['a/b', 'a/{id:int}', 'a/{id}', 'a/{*rest}']);
  });

  test('with a constraint nobody knows are refused', () => {
    expect(() => new RouteTemplate('{id:odd}')).toThrow('"odd"');
  });
});
