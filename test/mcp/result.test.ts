import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'node:test';
import { toToolResult } from '../../src/mcp/result.ts';
import type { Outcome } from '../../src/plan/plan.ts';
import { textOf } from '../support/agent.ts';
import { answered, step } from './toolbox.ts';

const asIs = (text: string): string => text;
const result = (outcome: Outcome, mask = asIs) => toToolResult(outcome, mask);
const typed = (type: string): readonly string[] => ['content-type', type];

test('JSON text goes on exactly as it came, with its value beside it', () => {
  const text = '{ "id": 9007199254740993, "b": 1.50,\n "a": [] }';
  assert.deepEqual(result(answered(text)), {
    content: [{ type: 'text', text }],
    structuredContent: JSON.parse(text),
  });
  assert.deepEqual(result(answered('[1,2]')).structuredContent, { result: [1, 2] });
  assert.deepEqual(result(answered('null')).structuredContent, { result: null });
  for (const type of ['application/vnd.api+json', 'text/json', 'application/x-amz-json-1.1']) {
    assert.deepEqual(result(answered('{"a":1}', 200, typed(type))).structuredContent, { a: 1 });
  }
});

test('an answer without a body is a success that says its status', () => {
  for (const outcome of [answered('', 204, []), answered('', 204)]) {
    assert.deepEqual(result(outcome), {
      content: [{ type: 'text', text: '{"status":204}' }],
      structuredContent: { status: 204 },
    });
  }
  const created = result(answered('', 201, ['location', '/items/7', 'x-trace', '1']));
  assert.deepEqual(created.structuredContent, { status: 201, headers: { location: '/items/7' } });
});

test('a HEAD answer shows its status and the headers that matter', () => {
  const headers = ['etag', '"a"', 'content-length', '12', 'server', 'x'];
  const head = result(answered('', 200, headers, step('HEAD')));
  const value = { status: 200, headers: { 'content-length': '12', etag: '"a"' } };
  assert.deepEqual(head.structuredContent, value);
  assert.deepEqual(JSON.parse(textOf(head)), value);
});

test('text stays text, in the charset it declares', () => {
  const html = '<h1>Hi</h1>';
  assert.deepEqual(result(answered(html, 200, typed('text/html; charset=utf-8'))), {
    content: [{ type: 'text', text: html }],
  });
  const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
  const types = ['text/plain; charset=iso-8859-1', 'text/csv;charset="latin1"'];
  for (const type of types) assert.equal(textOf(result(answered(latin, 200, typed(type)))), 'café');
  assert.equal(textOf(result(answered('a', 200, typed('text/plain; charset=wat')))), 'a');
  assert.equal(textOf(result(answered('<svg/>', 200, typed('image/svg+xml')))), '<svg/>');
});

test('JSON in another charset is decoded first', () => {
  const bytes = Buffer.from('{"a":"\xe9"}', 'latin1');
  const outcome = answered(bytes, 200, typed('application/json; charset=iso-8859-1'));
  assert.deepEqual(result(outcome).structuredContent, { a: 'é' });
});

test('bytes become an image, a sound or a resource', () => {
  const bytes = Buffer.from([0, 255, 1]);
  const data = bytes.toString('base64');
  const content = (headers: readonly string[]) => result(answered(bytes, 200, headers)).content[0];
  assert.deepEqual(content(typed('image/png')), { type: 'image', data, mimeType: 'image/png' });
  assert.deepEqual(content(typed('audio/wav')), { type: 'audio', data, mimeType: 'audio/wav' });
  assert.deepEqual(content(typed('application/pdf')), {
    type: 'resource',
    resource: { uri: 'naftiko:items.get', mimeType: 'application/pdf', blob: data },
  });
  assert.deepEqual(content([]), {
    type: 'resource',
    resource: { uri: 'naftiko:items.get', mimeType: 'application/octet-stream', blob: data },
  });
});

test('a body without a content type is what it can be read as', () => {
  assert.deepEqual(result(answered('{"a":1}', 200, [])).structuredContent, { a: 1 });
  assert.deepEqual(result(answered('hello', 200, [])), {
    content: [{ type: 'text', text: 'hello' }],
  });
});

test('a body that calls itself JSON and is not is an error', () => {
  for (const body of ['<html>', '{"a":']) {
    const failed = result(answered(body));
    assert.equal(failed.isError, true);
    assert.match(
      textOf(failed),
      /^UPSTREAM_UNUSABLE \(502\): items\.get answered with the content type application\/json, but its body is not JSON\./,
    );
  }
});

test('JSON nested beyond what clients can read is handed on as text only', () => {
  const text = '['.repeat(50_000) + ']'.repeat(50_000);
  assert.deepEqual(result(answered(text)), { content: [{ type: 'text', text }] });
  const value = JSON.parse(text);
  const failed = result({ kind: 'value', value, status: 200 });
  assert.match(textOf(failed), /^UPSTREAM_UNUSABLE \(502\): .* nested deeper than 200 levels/);
});

test('an upstream refusal is an error with status, Retry-After and its body, masked', () => {
  const headers = ['content-type', 'application/json', 'retry-after', '30'];
  const failed = result(answered({ error: 'key s3cret is over quota' }, 429, headers), (text) =>
    text.replaceAll('s3cret', '***'),
  );
  assert.equal(failed.isError, true);
  assert.equal(failed.structuredContent, undefined);
  assert.equal(
    textOf(failed),
    'items.get answered 429 Too Many Requests.\nRetry-After: 30\n\n{"error":"key *** is over quota"}',
  );
  assert.match(textOf(result(answered('', 503))), /503 Service Unavailable\.\n\nIts answer has no/);
  assert.match(
    textOf(result(answered(Buffer.from([0, 1]), 500, typed('image/png')))),
    /Its body is 2 bytes of image\/png, left out here\./,
  );
});

test('a long error body is cut on a code point and says so', () => {
  const text = textOf(result(answered(`a${'😀'.repeat(3_000)}`, 500, typed('text/plain'))));
  assert.doesNotMatch(text, /\p{Surrogate}/u);
  assert.match(text, /😀… \(shortened: 2002 of 6001 characters left out\)$/);
});

test('a secret at the cut of a long error body is not left half', () => {
  const body = `${'x'.repeat(3_997)}s3cret and more`;
  const masked = result(answered(body, 500, typed('text/plain')), (text) =>
    text.replaceAll('s3cret', '***'),
  );
  assert.doesNotMatch(textOf(masked), /s3c/);
});

test('a redirect is an error that says where to; 304 is an answer', () => {
  const moved = result(answered('', 302, ['location', 'https://files.example.com/a']));
  assert.equal(moved.isError, true);
  assert.equal(
    textOf(moved),
    'items.get answered 302 Found, a redirect to https://files.example.com/a that was not followed.',
  );
  assert.deepEqual(result(answered('', 304, ['etag', '"a"'])).structuredContent, {
    status: 304,
    headers: { etag: '"a"' },
  });
});

test('a mapped value is its JSON text and the value', () => {
  assert.deepEqual(result({ kind: 'value', value: [{ a: 1 }], status: 200 }), {
    content: [{ type: 'text', text: '[{"a":1}]' }],
    structuredContent: { result: [{ a: 1 }] },
  });
  assert.deepEqual(result({ kind: 'value', value: undefined, status: 202 }).structuredContent, {
    status: 202,
  });
});

test('an answer that was not held is not taken', () => {
  const body = Readable.from(['x']);
  const outcome: Outcome = {
    kind: 'answer',
    step: step(),
    response: { status: 200, headers: [], body },
  };
  assert.throws(() => result(outcome), /run without hold/);
  assert.ok(body.destroyed);
});
