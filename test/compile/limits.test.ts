import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText, findingOf, routesOf, toolsOf } from '../support/compile.ts';

const text = (limits: string): string => `naftiko: 1.0.0-alpha2
capability:
  consumes:
  - namespace: api
    baseUri: https://h.example
    resources:
    - {path: /a, operations: [{name: a}]}
  exposes:
  - type: rest
    namespace: r
    port: 8080
    limits: ${limits}
    resources:
    - path: /a
      operations: [{name: a, call: api.a, limits: {requests: 1, per: 2}}]
  - type: mcp
    namespace: m
    port: 9090
    tools: [{name: a, description: A, call: api.a, limits: {requests: 1, per: 1m, by: all}}]
`;

test('its own limit comes first, then that of the expose', async () => {
  const compiled = await compileText(text('{requests: 5, per: PT1H}'));
  assert.deepEqual(routesOf(compiled)[0]?.limits, [
    { name: 'r GET /a', requests: 1, perSeconds: 2, by: 'caller' },
    { name: 'r', requests: 5, perSeconds: 3600, by: 'caller' },
  ]);
  assert.deepEqual(toolsOf(compiled)[0]?.limits, [
    { name: 'm a', requests: 1, perSeconds: 60, by: 'all' },
  ]);
});

test('a time has to be whole seconds, a day at most', async () => {
  for (const per of ['500ms', 'soon', '0', '1.5', '2d']) {
    const compiled = await compileText(text(`{requests: 5, per: ${per}}`));
    const found = findingOf(compiled, 'LIMIT_INVALID');
    assert.deepEqual([found.severity, found.line], ['error', 12], per);
    assert.match(found.message, /whole seconds up to 24h/);
  }
  await assert.rejects(compileText(text('{requests: 0, per: 1s}')), /has to be at least 1/);
});
