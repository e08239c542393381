import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileText,
  ENV,
  findingOf,
  foundOf,
  outlined,
  requestOf,
  toolsOf,
} from '../support/compile.ts';

const MANY = `
naftiko: 1.0.0-alpha2
binds:
- namespace: env
  keys: {TOKEN: API_TOKEN, UNUSED: UNUSED}
capability:
  consumes:
  - namespace: api
    baseUri: https://{{env.HOST}}.example.com
    headers:
      X-Tenant: '{{TENANT}}'
    authentication: {type: basic, username: '{{env.USER}}', password: '{{TOKEN}}'}
    resources:
    - path: /a/{{env.TOKEN}}
      operations:
      - {name: one, method: GET, inputParameters: [{name: v, in: query, value: 'x-{{env.TOKEN}}'}]}
      - {name: two, method: GET}
  exposes:
  - type: rest
    namespace: web
    port: 8080
    resources:
    - {path: /one, operations: [{method: GET, call: api.one}]}
    - {path: /two, operations: [{method: GET, call: api.two}]}
  - type: mcp
    namespace: mcp
    port: 9090
    tools:
    - {name: one, call: api.one, inputParameters: [{name: q, value: '{{env.NOPE}}'}]}
`;

describe('variables of binds', () => {
  test('{{VAR}} and {{namespace.VAR}} both resolve', async () => {
    const compiled = await compileText(
      outlined({
        binds: ENV,
        parameters: [
          { name: 'a', in: 'query', value: '{{KEY}}' },
          { name: 'b', in: 'query', value: '{{env.OTHER}}' },
        ],
      }),
      { environment: { KEY: 'k', OTHER: 'o' } },
    );
    const [tool] = toolsOf(compiled);
    assert.ok(tool !== undefined);
    assert.equal(requestOf(tool).url, 'https://api.example.com/things?a=k&b=o');
    assert.deepEqual(compiled.variables, [
      { key: 'KEY', hasValue: true },
      { key: 'OTHER', hasValue: true },
    ]);
    assert.deepEqual([...compiled.secrets], ['k', 'o']);
  });

  test('all that are missing are told at once, each use with its line, each once', async () => {
    const compiled = await compileText(MANY, {});
    const lines = foundOf(compiled, 'VARIABLE_MISSING').map(({ line, message }) => [
      line,
      /^\{\{[\w.]+\}\} needs \w+ from the environment/.exec(message)?.[0],
    ]);
    assert.deepEqual(lines, [
      [9, '{{env.HOST}} needs HOST from the environment'],
      [12, '{{env.USER}} needs USER from the environment'],
      [12, '{{TOKEN}} needs API_TOKEN from the environment'],
      [16, '{{env.TOKEN}} needs API_TOKEN from the environment'],
      [14, '{{env.TOKEN}} needs API_TOKEN from the environment'],
      [29, '{{env.NOPE}} needs NOPE from the environment'],
    ]);
    assert.match(
      foundOf(compiled, 'VARIABLE_MISSING')[0]?.message ?? '',
      /a file given with --env-file/,
    );
    const unknown = findingOf(compiled, 'VARIABLE_UNKNOWN');
    assert.equal(unknown.line, 11);
    assert.match(
      unknown.message,
      /^\{\{TENANT\}\} names nothing: it is neither a parameter of this operation nor/,
    );
    assert.deepEqual(
      compiled.variables.map(({ key }) => key),
      ['HOST', 'USER', 'API_TOKEN', 'NOPE'],
    );
  });

  test('one that the keys do not list is read under its own name, with a warning', async () => {
    const compiled = await compileText(
      outlined({
        binds: ENV,
        consumes: { authentication: { type: 'bearer', token: '{{env.JENKINS_USER}}' } },
      }),
      { environment: { JENKINS_USER: 'ann' } },
    );
    const found = findingOf(compiled, 'VARIABLE_UNLISTED');
    assert.equal(found.severity, 'warning');
    assert.match(
      found.message,
      /\{\{env\.JENKINS_USER\}\} is not among the keys of the bind "env"/,
    );
    assert.equal(requestOf(toolsOf(compiled)[0] as never).headers.authorization, 'Bearer ann');
  });

  test('one that is declared and never used is no obstacle', async () => {
    const compiled = await compileText(outlined({ binds: ENV }));
    assert.deepEqual(compiled.findings, []);
    assert.deepEqual(compiled.variables, []);
  });

  test('one that no bind can give is unknown', async () => {
    for (const token of ['{{NOPE}}', '{{other.KEY}}']) {
      const compiled = await compileText(
        outlined({ binds: ENV, consumes: { authentication: { type: 'bearer', token } } }),
      );
      assert.match(
        findingOf(compiled, 'VARIABLE_UNKNOWN').message,
        /no bind of this file gives it/,
      );
      assert.equal(
        findingOf(compiled, 'VARIABLE_UNKNOWN').pointer,
        '/capability/consumes/0/authentication/token',
      );
    }
  });

  test('names of prototypes are unknown like others', async () => {
    for (const name of ['constructor', 'env.toString', '__proto__', 'env.__proto__']) {
      const compiled = await compileText(
        outlined({
          binds: ENV,
          consumes: { authentication: { type: 'bearer', token: `{{${name}}}` } },
        }),
      );
      assert.equal(compiled.plan, undefined, name);
    }
  });

  test('for the mock, a variable without a value gets one made up, told once', async () => {
    const compiled = await compileText(MANY.replace(/.*TENANT.*\n/, '      X: y\n'), {
      inventVariables: true,
    });
    const mocked = foundOf(compiled, 'VARIABLE_MOCKED');
    assert.deepEqual(
      mocked.map(({ severity, message }) => [severity, /^\w+/.exec(message)?.[0]]),
      [
        ['info', 'HOST'],
        ['info', 'USER'],
        ['info', 'API_TOKEN'],
        ['info', 'NOPE'],
      ],
    );
    assert.match(mocked[2]?.message ?? '', /the mock gets "mock-api-token" in its place/);
    assert.ok(compiled.plan !== undefined);
    assert.equal(
      compiled.variables.every(({ hasValue }) => !hasValue),
      true,
    );
  });

  test('a broken template is told where it stands', async () => {
    const compiled = await compileText(
      outlined({
        binds: ENV,
        parameters: [{ name: 'a', in: 'query', value: '{{#KEY}}x{{/KEY}}' }],
      }),
    );
    const found = findingOf(compiled, 'TEMPLATE_INVALID');
    assert.match(found.message, /This text cannot be read: "\{\{#KEY\}\}" is more than a name/);
    assert.equal(
      found.pointer,
      '/capability/consumes/0/resources/0/operations/0/inputParameters/0/value',
    );
  });
});
