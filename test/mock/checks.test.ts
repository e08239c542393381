import assert from 'node:assert/strict';
import test from 'node:test';
import type { ConsumedParameter, ConsumesHttp } from '../../src/document/document.ts';
import { mockOf } from './caller.ts';

const operation = (
  method: string,
  path: string,
  inputParameters: readonly ConsumedParameter[],
  more: Partial<ConsumesHttp> = {},
): Partial<ConsumesHttp> => ({
  resources: [{ path, operations: [{ name: 'op', method, inputParameters }] }],
  ...more,
});

test('what is required and not sent is named, all at once', async (t) => {
  const call = await mockOf(
    t,
    operation(
      'GET',
      '/items',
      [
        { name: 'fields[]', in: 'query', type: 'array', required: true },
        { name: 'filter', in: 'query', type: 'object', required: true },
        { name: 'note', in: 'query' },
        { name: 'X-Trace', in: 'header', required: true },
        { name: 'theme', in: 'cookie', required: true },
      ],
      {
        headers: { 'X-Version': '2' },
        inputParameters: [{ name: 'lang', in: 'query', value: 'en' }],
      },
    ),
  );
  const bare = await call('GET', '/items');
  assert.equal(bare.status, 400);
  assert.equal(bare.headers['content-type'], 'application/problem+json');
  assert.equal(bare.json.code, 'INPUT_INVALID');
  assert.deepEqual(bare.json.violations, [
    { input: 'X-Version', in: 'header', message: 'is required and was not sent (header)' },
    { input: 'lang', in: 'query', message: 'is required and was not sent (query)' },
    { input: 'fields[]', in: 'query', message: 'is required and was not sent (query)' },
    { input: 'filter', in: 'query', message: 'is required and was not sent (query)' },
    { input: 'X-Trace', in: 'header', message: 'is required and was not sent (header)' },
    { input: 'theme', in: 'cookie', message: 'is required and was not sent (cookie)' },
  ]);
  const headers = { 'x-version': '2', 'x-trace': 't', cookie: 'a=b; theme=dark', 'x-other': 'o' };
  const full = await call('GET', '/items?fields[]=a&fields%5B%5D=b%20c&filter[a]=1&lang=en&note=', {
    headers,
  });
  assert.equal(full.status, 200);
  assert.deepEqual(full.json.query, {
    'fields[]': ['a', 'b c'],
    'filter[a]': '1',
    lang: 'en',
    note: '',
  });
  assert.deepEqual(full.json.headers, { 'x-version': '2', 'x-trace': 't' });
});

test('integers, numbers and booleans must look like it', async (t) => {
  const call = await mockOf(
    t,
    operation('GET', '/items/{id}', [
      { name: 'id', in: 'path', type: 'integer', required: true },
      { name: 'price', in: 'query', type: 'number' },
      { name: 'open', in: 'query', type: 'boolean' },
      { name: 'sizes', in: 'query', type: 'array', items: { type: 'integer' } },
      { name: 'tags', in: 'query', type: 'array', items: { type: 'integer' }, explode: false },
    ]),
  );
  const good = '/items/9223372036854775807?price=-1.5e3&open=false&sizes=1&sizes=2&tags=1,2';
  assert.equal((await call('GET', good)).status, 200);
  const refused: [string, string][] = [
    ['/items/seven', 'id is not an integer (path)'],
    ['/items/1.5', 'id is not an integer (path)'],
    ['/items/1?price=cheap', 'price is not a number (query)'],
    ['/items/1?price=', 'price is not a number (query)'],
    ['/items/1?open=yes', 'open is not a boolean (query)'],
    ['/items/1?sizes=1,2', 'sizes is not an integer (query)'],
    ['/items/1?tags=1,b', 'tags is not an integer (query)'],
  ];
  for (const [target, fault] of refused) {
    const { status, json } = await call('GET', target);
    assert.equal(status, 400, target);
    assert.equal(json.detail, `shop.op (GET /items/{id}): ${fault}.`);
  }
});

test('the words of the file in place of a value are found', async (t) => {
  const call = await mockOf(
    t,
    operation('POST', '/items/{id}', [
      { name: 'limit', in: 'query' },
      { name: 'seon-fp', in: 'header' },
      { name: 'body.command', in: 'query' },
      { name: 'body', in: 'body', type: 'string' },
    ]),
  );
  const refused: [string, string, string, Record<string, string>?, unknown?][] = [
    ['/items/rest.id', 'path', 'id'],
    ['/items/tools.Id', 'path', 'id'],
    ['/items/%7Bid%7D', 'path', 'id'],
    ['/items/%7B%7Bid%7D%7D', 'path', 'id'],
    ['/items/undefined', 'path', 'id'],
    ['/items/1?limit=rest.limit', 'query', 'limit'],
    ['/items/1?limit=rest.body.command', 'query', 'limit'],
    ['/items/1?other=%7B%7Bx%7D%7D', 'query', 'other'],
    ['/items/1?limit=[object%20Object]', 'query', 'limit'],
    ['/items/1', 'header', 'seon-fp', { 'seon-fp': 'rest.seon-fp' }],
    ['/items/1', 'body', 'body', {}, 'rest.body'],
    ['/items/1', 'body', 'limit', {}, { limit: 'tools.limit' }],
    ['/items/1', 'body', 'colour', {}, { colour: 'rest.colour' }],
  ];
  for (const [target, place, input, headers, body] of refused) {
    const sent = typeof body === 'string' ? JSON.stringify(body) : body;
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const { status, json } = await call('POST', target, {
      headers: { ...type, ...headers },
      body: sent,
    });
    assert.equal(status, 400, target);
    assert.equal(json.code, 'VALUE_UNFILLED', target);
    assert.deepEqual(
      json.violations.map((v: { input: string; in: string }) => [v.in, v.input]),
      [[place, input]],
    );
    assert.match(json.detail, /^The gateway sent .* without filling the value in/);
  }
  const taken: [string, unknown?][] = [
    ['/items/rest.example.com'],
    ['/items/restful'],
    ['/items/1?limit=%7B%22a%22:%7B%22b%22:1%7D%7D'],
    ['/items/1', { text: 'Use {{name}} or undefined or rest.assured here', host: 'rest.example' }],
  ];
  for (const [target, body] of taken) {
    assert.equal((await call('POST', target, { body })).status, 200, target);
  }
});
