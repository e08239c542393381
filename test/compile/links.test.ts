import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileText,
  findingOf,
  foundOf,
  requestOf,
  routesOf,
  toolsOf,
} from '../support/compile.ts';

const consumes = (...paths: string[]): string => `
naftiko: 1.0.0-alpha2
info: {label: Test}
capability:
  consumes:
  - namespace: api
    baseUri: https://h.example
    resources:
${paths.map((path) => `    - {path: '${path}', operations: [{name: get, method: GET}]}`).join('\n')}
  exposes:
`;

const rest = (...paths: string[]): string => `
  - type: rest
    namespace: web
    port: 8080
    resources:
${paths.map((path) => `    - {path: '${path}', operations: [{method: GET, call: api.get}]}`).join('\n')}
`;

const mcp = (...names: string[]): string => `
  - type: mcp
    namespace: mcp
    port: 9090
    tools:
${names.map((name) => `    - {name: ${name}, call: api.get}`).join('\n')}
`;

describe('what a call means', () => {
  test('nothing: told with its line and the name that was meant', async () => {
    const compiled = await compileText(consumes('/a') + rest('/a').replace('api.get', 'api.gte'));
    const found = findingOf(compiled, 'CALL_UNKNOWN');
    assert.match(found.message, /"api\.gte" names no operation of this file/);
    assert.equal(found.suggestion, 'api.get');
    assert.equal(found.line, 16);
    assert.equal(compiled.plan, undefined);
  });

  test('names of prototypes are operations like others', async () => {
    const text = (consumes('/a') + rest('/a')).replaceAll('get', '__proto__');
    const compiled = await compileText(text);
    assert.deepEqual(compiled.findings, []);
    const unknown = await compileText(
      consumes('/a') + rest('/a').replace('api.get', 'constructor'),
    );
    assert.equal(foundOf(unknown, 'CALL_UNKNOWN').length, 1);
  });

  test('a namespace may hold dots', async () => {
    const text = (consumes('/a') + rest('/a'))
      .replace('namespace: api', 'namespace: my.api')
      .replace('api.get', 'my.api.get');
    assert.deepEqual((await compileText(text)).findings, []);
  });

  const bitbucket =
    consumes('/addon', '/addon/linkers/{linker_key}', '/addon/linkers') +
    rest('/v1/addon/linkers/{linker-key}', '/v1/addon') +
    mcp('a', 'b', 'c');

  test('several operations of one name: the first, with a warning that tells them', async () => {
    const compiled = await compileText(bitbucket);
    assert.deepEqual(
      routesOf(compiled).map(({ operation }) => operation.steps[0]?.pathTemplate),
      ['/addon', '/addon'],
    );
    const [first] = foundOf(compiled, 'CALL_AMBIGUOUS');
    assert.equal(first?.severity, 'warning');
    assert.match(
      first?.message ?? '',
      /3 operations are named "api\.get" \(GET \/addon, GET \/addon\/linkers\/\{linker_key\}, GET \/addon\/linkers\); this one reaches GET \/addon\./,
    );
    assert.match(
      first?.message ?? '',
      /\{linker_key\} looks more like it: --ambiguous-calls nearest takes that one/,
    );
  });

  test('nearest: the one most like the route, the n-th of as many tools', async () => {
    const compiled = await compileText(bitbucket, { ambiguousCalls: 'nearest' });
    assert.deepEqual(
      [...routesOf(compiled), ...toolsOf(compiled)].map(
        ({ operation }) => operation.steps[0]?.pathTemplate,
      ),
      [
        '/addon/linkers/{linker_key}',
        '/addon',
        '/addon',
        '/addon/linkers/{linker_key}',
        '/addon/linkers',
      ],
    );
    assert.equal(foundOf(compiled, 'CALL_AMBIGUOUS').length, 5, 'still told');
  });

  test('of many operations only some are listed', async () => {
    const paths = Array.from({ length: 30 }, (_, n) => `/p${n}`);
    const compiled = await compileText(consumes(...paths) + rest('/x'));
    assert.match(findingOf(compiled, 'CALL_AMBIGUOUS').message, /30 operations .*\/p4, …\)/);
    assert.doesNotMatch(findingOf(compiled, 'CALL_AMBIGUOUS').message, /\/p5/);
  });
});

describe('routes', () => {
  for (const [first, second] of [
    ['/a/{id}', '/a/{name}'],
    ['/a/{{id}}', '/a/{id}'],
    ['/a', '/a/'],
    ['/a', 'a'],
    ['/x-{a}.json', '/x-{b}.json'],
  ]) {
    test(`${first} and ${second} are equal: the first is served, the second told`, async () => {
      const compiled = await compileText(consumes('/c') + rest(first as string, second as string));
      assert.equal(routesOf(compiled).length, 1);
      const found = findingOf(compiled, 'ROUTE_DUPLICATE');
      assert.deepEqual([found.severity, found.line], ['warning', 17]);
      assert.match(found.message, /equals a route on line 16, which is served/);
    });
  }

  test('those that differ in method, case or text are not', async () => {
    const compiled = await compileText(
      consumes('/c') + rest('/a', '/A', '/a/{x}', '/a/x', '/a//x'),
    );
    assert.deepEqual(foundOf(compiled, 'ROUTE_DUPLICATE'), []);
    assert.equal(routesOf(compiled).length, 5);
  });

  test('a query or label in a route is told; the path is served', async () => {
    const compiled = await compileText(consumes('/c') + rest('/a?x=1', '/b#label'));
    assert.deepEqual(
      routesOf(compiled).map(({ path }) => path),
      ['/a', '/b'],
    );
    const found = foundOf(compiled, 'ROUTE_INVALID');
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['warning', 'warning'],
    );
    assert.match(found[0]?.message ?? '', /of "\/a\?x=1" only "\/a" is served/);
    assert.ok(compiled.plan !== undefined);
  });

  test('a brace that belongs to no variable stops the start', async () => {
    const compiled = await compileText(consumes('/c') + rest('/a/{x'));
    assert.match(findingOf(compiled, 'ROUTE_INVALID').message, /"\/a\/\{x" holds a brace/);
    assert.equal(compiled.plan, undefined);
  });

  test('--prefix mounts them under the namespace', async () => {
    const compiled = await compileText(consumes('/c') + rest('/a', '/'), { prefix: true });
    assert.deepEqual(
      routesOf(compiled).map(({ path }) => path),
      ['/web/a', '/web/'],
    );
  });

  test('facts for people are kept', async () => {
    const { draft } = await compileText(
      (consumes('/c') + rest('/a'))
        .replace(
          '    baseUri: https://h.example',
          '    baseUri: https://h.example/v1\n    followRedirects: true\n    forwardSetCookie: true',
        )
        .replace('name: get,', 'name: get, description: Gets it, outputRawFormat: csv,'),
    );
    assert.deepEqual(draft.consumes, [
      { namespace: 'api', baseUri: 'https://h.example/v1', authentication: 'none', operations: 1 },
    ]);
    assert.equal(draft.label, 'Test');
    const [face] = draft.faces;
    assert.ok(face?.face === 'rest');
    assert.deepEqual(
      [face.namespace, face.port, face.routes[0]?.description],
      ['web', 8080, 'Gets it'],
    );
    const step = face.routes[0]?.operation.steps[0];
    assert.deepEqual(
      [step?.target, step?.method, step?.redirects, step?.setCookie, step?.format],
      ['api.get', 'GET', 5, true, 'csv'],
    );
    assert.equal(requestOf(face.routes[0] as never).headers.accept, 'text/csv, */*;q=0.5');
  });
});
