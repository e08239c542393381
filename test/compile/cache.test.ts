import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationPlan, ToolPlan } from '../../src/plan/plan.ts';
import { compileText, findingOf, toolsOf } from '../support/compile.ts';

/** A capability whose consumes block begins at line 5, with the operation on line 9. */
function text(operation: string, { block = '', semantics = '{}' } = {}): string {
  return `naftiko: 1.0.0-alpha2
capability:
  consumes:
  - namespace: api
    baseUri: https://h.example
    ${block || 'headers: {}'}
    resources:
    - path: /a
      operations: [{name: a, ${operation}}]
  aggregates:
  - label: F
    namespace: f
    functions: [{name: a, description: A, call: api.a, semantics: ${semantics}}]
  exposes:
  - type: mcp
    namespace: mcp
    port: 9090
    tools: [{name: plain, description: A, call: api.a}, {name: ref, description: A, ref: f.a}]
`;
}

/** What is kept of a plain call, and of one through the function. */
async function kept(written: string): Promise<unknown[]> {
  const compiled = await compileText(written);
  return toolsOf(compiled).map(({ operation }: ToolPlan) => {
    const [step] = (operation as OperationPlan).steps;
    const request = step?.build({ input: {}, steps: {} });
    assert.deepEqual(request?.cache, step?.cache);
    return step?.cache;
  });
}

test('the operation says it, else the API for what is read, else the function', async () => {
  const own = { forMs: 30_000 };
  assert.deepEqual(await kept(text('cache: {ttl: 30s}')), [own, own]);
  assert.deepEqual(await kept(text('cache: {ttl: PT1M, stale: 2}')), [
    { forMs: 60_000, staleMs: 2_000 },
    { forMs: 60_000, staleMs: 2_000 },
  ]);
  const block = 'cache: {ttl: 5m}';
  const five = { forMs: 300_000 };
  assert.deepEqual(await kept(text('method: GET', { block })), [five, five]);
  assert.deepEqual(await kept(text('cache: false', { block })), ['never', 'never']);
  assert.deepEqual(await kept(text('method: POST', { block })), [undefined, undefined]);
  const semantics = '{cacheable: true}';
  assert.deepEqual(await kept(text('method: GET', { semantics })), [undefined, {}]);
  assert.deepEqual(await kept(text('cache: false', { semantics })), ['never', 'never']);
  const safe = '{cacheable: true, safe: true}';
  assert.deepEqual(await kept(text('method: POST', { semantics: safe })), [undefined, {}]);
  assert.deepEqual(await kept(text('method: GET')), [undefined, undefined]);
});

test('what changes something is not kept, and a time has to be one', async () => {
  const compiled = await compileText(text('method: DELETE, cache: {ttl: 30s}'));
  const found = findingOf(compiled, 'CACHE_INVALID');
  assert.deepEqual([found.severity, found.line], ['error', 9]);
  assert.match(found.message, /DELETE changes something/);
  for (const ttl of ['soon', '0', '-1', '25h', '0s']) {
    const wrong = findingOf(await compileText(text(`cache: {ttl: ${ttl}}`)), 'CACHE_INVALID');
    assert.match(wrong.message, /is no time that an answer can be kept/, ttl);
    assert.match(wrong.pointer, /cache\/ttl$/);
  }
  const unsafe = await compileText(text('method: POST', { semantics: '{cacheable: true}' }));
  const told = findingOf(unsafe, 'CACHE_INVALID');
  assert.deepEqual([told.severity, told.line], ['warning', 13]);
  assert.ok(unsafe.plan !== undefined);
});

test('a cache that says no time, or is on by a word, is refused by its shape', async () => {
  for (const cache of ['true', '30', '{}', '{stale: 3}', '{ttl: 3, more: 1}']) {
    const { findings } = await compileText(text(`cache: ${cache}`)).catch((error: Error) => ({
      findings: [{ code: error.message, severity: 'error' }],
    }));
    assert.ok(findings.length > 0, cache);
  }
});
