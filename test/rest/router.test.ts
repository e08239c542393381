import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRoutes, routeShape } from '../../src/rest/router.ts';

const routesOf = (...paths: readonly string[]) =>
  compileRoutes(paths.map((path) => ({ method: 'GET', path, target: path })));

test('of two equal routes the first is served', () => {
  const find = compileRoutes([
    { method: 'GET', path: '/a/{x}', target: 1 },
    { method: 'GET', path: '/a/{y}/', target: 2 },
  ]);
  const found = find('GET', '/a/7');
  assert.deepEqual(found, { kind: 'route', target: 1, values: ['7'] });
});

test('routes are equal when nothing but the names of variables differs', () => {
  assert.equal(routeShape('/a/{x}'), routeShape('/a/{{ y }}'));
  assert.equal(routeShape('/a/{x}/'), routeShape('/a/{x}'));
  assert.equal(routeShape('/a%20b'), routeShape('/a b'));
  assert.notEqual(routeShape('/a/{x}'), routeShape('/a/x'));
  assert.notEqual(routeShape('/a/{x}.{y}'), routeShape('/a/{x}-{y}'));
  assert.notEqual(routeShape('/a/{x}'), routeShape('/a//{x}'));
  assert.notEqual(routeShape('/a%2Fb'), routeShape('/a/b'));
});

test('the literal text of a segment decides which is more specific, not the number of variables', () => {
  const find = routesOf('/{a}-{b}-{c}', '/{a}-x-{c}', '/abcdef{a}');
  const target = (path: string) => {
    const found = find('GET', path);
    return found.kind === 'route' ? found.target : found.kind;
  };
  assert.equal(target('/1-x-2'), '/{a}-x-{c}');
  assert.equal(target('/1-y-2'), '/{a}-{b}-{c}');
  assert.equal(target('/abcdef-x-2'), '/abcdef{a}');
});

test('a route falls back to a less specific one when the rest of the path does not fit', () => {
  const find = routesOf('/a/b/c', '/a/{x}/d', '/{y}/b/e/{z}');
  assert.deepEqual(find('GET', '/a/b/d'), { kind: 'route', target: '/a/{x}/d', values: ['b'] });
  assert.deepEqual(find('GET', '/a/b/e/f'), {
    kind: 'route',
    target: '/{y}/b/e/{z}',
    values: ['a', 'f'],
  });
  assert.equal(find('GET', '/a/b').kind, 'none');
});

test('a hostile segment costs no more than its length', () => {
  const find = routesOf('/{a}-{b}-{c}-{d}-{e}x');
  // A backtracking match of this would not end in a lifetime.
  assert.equal(find('GET', `/${'-'.repeat(16_000)}`).kind, 'none');
  assert.deepEqual(find('GET', '/1-2-3-4-5-6x'), {
    kind: 'route',
    target: '/{a}-{b}-{c}-{d}-{e}x',
    values: ['1', '2', '3', '4', '5-6'],
  });
});

test('words of the language are ordinary segments', () => {
  const find = routesOf('/constructor', '/a/{__proto__}');
  assert.equal(find('GET', '/constructor').kind, 'route');
  assert.equal(find('GET', '/toString').kind, 'none');
  assert.equal(find('GET', '/__proto__').kind, 'none');
  assert.equal(find('constructor', '/constructor').kind, 'method');
});
