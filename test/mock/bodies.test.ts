import assert from 'node:assert/strict';
import test from 'node:test';
import type { ConsumedOperation, ConsumedParameter } from '../../src/document/document.ts';
import { startMock } from '../../src/mock/server.ts';
import { callerOf, mockOf, sendRaw } from './caller.ts';

const posting = (
  inputParameters: readonly ConsumedParameter[],
  more: Partial<ConsumedOperation> = {},
) => ({
  resources: [
    { path: '/items', operations: [{ name: 'add', method: 'POST', inputParameters, ...more }] },
  ],
});
const JSON_TYPE = { 'content-type': 'application/json' };

test('a JSON body is checked and shown as it came', async (t) => {
  const call = await mockOf(
    t,
    posting([{ name: 'app', in: 'body', type: 'string', required: true }]),
  );
  const text = '{"b":12345678901234567890, "a":1.0,"é":[]}';
  for (const type of [
    'application/json',
    'application/json; charset=UTF-8',
    'application/merge-patch+json',
  ]) {
    const {
      status,
      json,
      text: answer,
    } = await call('POST', '/items', {
      headers: { 'content-type': type },
      body: text,
    });
    assert.equal(status, 200, type);
    assert.ok(answer.endsWith(`"body":${text}}`), 'digits, blanks and order survive');
    assert.equal(json.method, 'POST');
  }
  for (const value of ['0', 'false', '""', '[]', '{}', 'null']) {
    assert.equal((await call('POST', '/items', { headers: JSON_TYPE, body: value })).status, 200);
  }
});

test('a body that is missing, broken or of another type is refused', async (t) => {
  const call = await mockOf(t, posting([{ name: 'app', in: 'body', required: true }]));
  const post = (headers: Record<string, string>, body?: string | Buffer) =>
    call('POST', '/items', { headers, body });
  const missing = await post(JSON_TYPE);
  assert.equal(missing.status, 400);
  assert.deepEqual(missing.json.violations, [
    { input: 'app', in: 'body', message: 'is required and no body was sent' },
  ]);
  const secret = 'hunter2hunter2';
  const broken: [string | Buffer, RegExp][] = [
    [`{"password":"${secret}",}`, /^The body is not valid JSON: .*position \d+/],
    [`${secret}`, /^The body is not valid JSON: Unexpected token 'h'\.$/],
    ['{', /^The body is not valid JSON: .+\.$/],
    ['[object Object]', /^The body is not valid JSON: .+\.$/],
    [Buffer.from([0x22, 0xff, 0x22]), /^The body is not valid JSON: it is not UTF-8 text\.$/],
  ];
  for (const [body, detail] of broken) {
    const { status, json } = await post(JSON_TYPE, body);
    assert.equal(status, 400, String(body));
    assert.equal(json.code, 'BODY_NOT_JSON');
    assert.match(json.detail, detail);
    assert.ok(!json.detail.includes(secret));
  }
  const types: [Record<string, string>, string][] = [
    [{ 'content-type': 'text/plain' }, 'but the Content-Type is text/plain.'],
    [{}, 'but the Content-Type is missing.'],
    [{ 'content-type': 'application/json; charset=utf-16' }, 'the charset is utf-16.'],
  ];
  for (const [headers, detail] of types) {
    const { status, json } = await post(headers, '{}');
    assert.equal(status, 415, detail);
    assert.equal(json.code, 'MEDIA_TYPE_WRONG');
    assert.ok(json.detail.endsWith(detail), json.detail);
  }
});

test('required fields of a body are asked for, however deep', async (t) => {
  const one = await mockOf(
    t,
    posting([
      {
        name: 'body',
        in: 'body',
        type: 'object',
        required: true,
        properties: {
          email: { type: 'string', required: true },
          note: { type: 'string' },
          home: { type: 'object', properties: { street: { required: true } } },
        },
      },
    ]),
  );
  assert.equal((await one('POST', '/items', { body: { email: '' } })).status, 200);
  const { status, json } = await one('POST', '/items', { body: { home: {} } });
  assert.equal(status, 400);
  assert.equal(
    json.detail,
    'shop.add (POST /items): email is required and missing in the body; home.street is required and missing in the body.',
  );
  const text = await one('POST', '/items', { headers: JSON_TYPE, body: '"email"' });
  assert.match(text.json.detail, /body is not a JSON object/);

  const several = await mockOf(
    t,
    posting([
      { name: 'a', in: 'body', required: true },
      { name: 'b', in: 'body' },
      { name: 'c', in: 'body', value: 'fixed' },
    ]),
  );
  assert.equal((await several('POST', '/items', { body: { a: 1, c: 'fixed' } })).status, 200);
  const partly = await several('POST', '/items', { body: { b: 1 } });
  assert.deepEqual(
    partly.json.violations.map((violation: { input: string }) => violation.input),
    ['a', 'c'],
  );
});

test('a declared type of body or Content-Type is what is taken', async (t) => {
  const form = await mockOf(
    t,
    posting([], { body: { type: 'formUrlEncoded', data: { a: '{{a}}' } } }),
  );
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const taken = await form('POST', '/items', { headers, body: 'a=1' });
  assert.equal(taken.status, 200);
  assert.deepEqual(taken.json.body, { mediaType: headers['content-type'], bytes: 3 });
  assert.equal(
    (await form('POST', '/items', { headers: { 'content-type': 'text/csv' }, body: 'a' })).status,
    415,
  );
  assert.equal((await form('POST', '/items')).status, 400);

  const own = await mockOf(
    t,
    posting([
      { name: 'Content-Type', in: 'header', required: true },
      { name: 'body', in: 'body', required: true },
    ]),
  );
  const csv = { headers: { 'content-type': 'text/csv' }, body: 'a,b' };
  assert.equal((await own('POST', '/items', csv)).status, 200);
  assert.equal((await own('POST', '/items', { headers: JSON_TYPE, body: '{' })).status, 400);

  const none = await mockOf(t, posting([]));
  assert.equal((await none('POST', '/items')).json.body, null);
  assert.equal((await none('POST', '/items', { headers: JSON_TYPE, body: '{' })).status, 400);
});

test('a body over 1 MiB gets 413, one of 1 MiB is taken', async (t) => {
  const call = await mockOf(t, posting([{ name: 'body', in: 'body', required: true }]));
  const body = (size: number) => `"${'x'.repeat(size - 2)}"`;
  const limit = 1024 * 1024;
  assert.equal(
    (await call('POST', '/items', { headers: JSON_TYPE, body: body(limit) })).status,
    200,
  );
  const { status, json } = await call('POST', '/items', {
    headers: JSON_TYPE,
    body: body(limit + 1),
  });
  assert.equal(status, 413);
  assert.equal(json.code, 'BODY_TOO_LARGE');
});

test('garbage does not bring the mock down', async (t) => {
  const mock = await startMock({
    consumes: [{ key: 'shop', consumes: { namespace: 'shop', baseUri: '', ...posting([]) } }],
  });
  t.after(() => mock.close());
  const base = mock.baseUri('shop');
  assert.match(await sendRaw(base, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.match(
    await sendRaw(
      base,
      'GET http://elsewhere.test/shop/items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ),
    /^HTTP\/1\.1 405 /,
  );
  assert.match(
    await sendRaw(base, 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 404 /,
  );
  await sendRaw(base, 'POST /shop/items HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  const call = callerOf(base);
  const bad = await call('GET', '/items/%zz');
  assert.equal(bad.status, 400);
  assert.equal(bad.json.code, 'PATH_INVALID');
  for (const target of ['/__proto__', '/constructor', `/${'x'.repeat(8000)}`, '/%00', '/..']) {
    assert.equal((await call('GET', target)).status, 404, target.slice(0, 20));
  }
  const deep = await call('POST', '/items', {
    headers: JSON_TYPE,
    body: `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  });
  assert.equal(deep.status, 200);
  const query = await call('POST', '/items?__proto__=1&a=%zz&&=');
  assert.equal(query.status, 200);
  assert.equal(query.text.includes('"__proto__":"1"'), true);
});
