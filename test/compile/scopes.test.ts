import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileText } from '../support/compile.ts';

const OAUTH2 = `
    authentication:
      type: oauth2
      authorizationServerUri: https://id.example
      resource: https://api.example/mcp
      scopes: [read, offline_access]
      scopeIncludes: {admin: [write]}`;

const exposing = (authentication: string, scopes = '[write, "{{EXTRA}}"]'): string => `
naftiko: 1.0.0-alpha2
binds:
- {namespace: env, keys: {EXTRA: EXTRA}}
capability:
  consumes:
  - namespace: api
    type: http
    baseUri: https://h.example
    resources:
    - {name: a, path: /a, operations: [{name: a, method: GET}]}
  exposes:
  - type: mcp
    namespace: mcp
    port: 9090${authentication}
    tools:
    - {name: t, description: T, call: api.a, scopes: ${scopes}}
    - {name: free, description: F, call: api.a}
    resources:
    - {name: r, uri: 'x://r', call: api.a, scopes: [write]}
    prompts:
    - {name: p, template: [{role: user, content: hi}], scopes: [write, write, offline_access]}
`;

const environment = { EXTRA: 'extra' };

describe('scopes of tools, resources and prompts', () => {
  test('are what a token needs beside those of the expose', async () => {
    const { plan, findings } = await compileText(exposing(OAUTH2), { environment });
    assert.deepEqual(findings, []);
    const face = plan?.faces[0];
    assert.ok(face?.face === 'mcp' && face.authentication?.type === 'oauth2');
    assert.deepEqual(face.authentication.scopes, ['read']);
    assert.deepEqual(face.authentication.includes, { admin: ['write'] });
    assert.deepEqual(
      [...face.tools, ...(face.resources ?? []), ...(face.prompts ?? [])].map((it) => it.scopes),
      [['write', 'extra'], undefined, ['write'], ['write']],
    );
  });

  test('refuse the start where nothing would ask for them', async () => {
    const bearer = '\n    authentication: {type: bearer, token: the-token}';
    const cases = [
      ['', /has no authentication, so nothing would ask/],
      [bearer, /authentication of the expose is not of type oauth2/],
      [`${OAUTH2}\n    transport: stdio`, /Over stdio nobody shows a token/],
    ] as const;
    for (const [authentication, message] of cases) {
      const { plan, findings } = await compileText(exposing(authentication), { environment });
      assert.equal(plan, undefined);
      const found = findings.filter(({ code }) => code === 'SCOPES_UNCHECKED');
      assert.deepEqual(
        found.map(
          ({ pointer, severity }) => `${severity} ${pointer.split('/').slice(4).join('/')}`,
        ),
        ['error tools/0/scopes', 'error resources/0/scopes', 'error prompts/0/scopes'],
      );
      for (const each of found) assert.match(each.message, message);
    }
  });

  test('have no spaces, and a name for each variable', async () => {
    const { findings } = await compileText(exposing(OAUTH2, '["a b", "{{OTHER}}"]'));
    assert.deepEqual(
      findings
        .filter(({ severity }) => severity === 'error')
        .map(({ code, pointer }) => [code, pointer]),
      [
        ['VALUE_NOT_ALLOWED', '/capability/exposes/0/tools/0/scopes/0'],
        ['VARIABLE_UNKNOWN', '/capability/exposes/0/tools/0/scopes/1'],
      ],
    );
  });
});
