import assert from 'node:assert/strict';
import test from 'node:test';
import type { Authentication } from '../../src/document/document.ts';
import { mockOf } from './caller.ts';

const resources = [{ path: '/items', operations: [{ name: 'list', method: 'GET' }] }];
const block = (authentication: Authentication) => ({ resources, authentication });
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('bearer: one token, filled in, and never shown', async (t) => {
  const call = await mockOf(t, block({ type: 'bearer', token: '{{TOKEN}}' }));
  const good = await call('GET', '/items', { headers: { authorization: 'Bearer s3cr3t' } });
  assert.equal(good.status, 200);
  assert.equal(good.json.credential, 'bearer');
  assert.ok(!good.text.includes('s3cr3t'));
  const refused: [string | undefined, RegExp][] = [
    [undefined, /must be 'Bearer' and a token/],
    ['Bearer ', /must be 'Bearer' and a token/],
    ['s3cr3t', /must be 'Bearer' and a token/],
    [basic('a:b'), /must be 'Bearer' and a token/],
    ['Bearer {{env.TOKEN}}', /holds a template or placeholder/],
    ['Bearer undefined', /holds a template or placeholder/],
    ['Bearer Bearer s3cr3t', /has a blank in it/],
  ];
  for (const [authorization, detail] of refused) {
    const headers = authorization === undefined ? {} : { authorization };
    const { status, headers: got, json, text } = await call('GET', '/items', { headers });
    assert.equal(status, 401, authorization);
    assert.equal(got['www-authenticate'], 'Bearer realm="mock"');
    assert.equal(json.code, 'UNAUTHORIZED');
    assert.match(json.detail, detail);
    assert.ok(!text.includes('s3cr3t'));
  }
});

test('basic: base64 of user:password', async (t) => {
  const call = await mockOf(t, block({ type: 'basic', username: 'u', password: 'p' }));
  const status = async (authorization: string) =>
    (await call('GET', '/items', { headers: { authorization } })).status;
  assert.equal(await status(basic('user:pass:word')), 200);
  assert.equal(await status(basic('user:')), 200);
  for (const bad of ['', 'Basic', 'Basic ***', basic('no colon'), basic(':p'), basic('{{U}}:p')]) {
    assert.equal(await status(bad), 401, bad);
  }
  const { headers } = await call('GET', '/items');
  assert.equal(headers['www-authenticate'], 'Basic realm="mock"');
});

test('apikey: in the header or query that the file names, in either spelling', async (t) => {
  const spellings: [Authentication, 'header' | 'query', string][] = [
    [{ type: 'apikey', key: 'X-Api-Key', value: 'v' }, 'header', 'x-api-key'],
    [{ type: 'apikey', key: 'Authorization', placement: 'header' }, 'header', 'authorization'],
    [{ type: 'apikey', key: 'api_key', placement: 'query' }, 'query', 'api_key'],
    [{ type: 'apikey', name: 'token', in: 'query' }, 'query', 'token'],
    [{ type: 'apikey', name: 'X-Key', in: 'header' }, 'header', 'x-key'],
  ];
  for (const [authentication, place, name] of spellings) {
    const call = await mockOf(t, block(authentication));
    const send = (value: string) =>
      place === 'header'
        ? call('GET', '/items', { headers: { [name]: value } })
        : call('GET', `/items?${name}=${encodeURIComponent(value)}`);
    const good = await send('s3cr3t');
    assert.equal(good.status, 200, name);
    assert.equal(good.json.credential, 'apikey');
    assert.ok(!good.text.includes('s3cr3t'), name);
    for (const bad of ['', ' ', '{{KEY}}', 'undefined']) {
      assert.equal((await send(bad)).status, 401, `${name}=${bad}`);
    }
    const none = await call('GET', '/items');
    assert.equal(none.status, 401);
    assert.ok(none.json.detail.includes(name), none.json.detail);
  }
});

test('accept judges a credential that is there', async (t) => {
  const seen: string[] = [];
  const accept = (key: string, credential: string) => {
    seen.push(`${key} ${credential}`);
    return credential === 'right' || credential === 'u:right';
  };
  const bearer = await mockOf(t, block({ type: 'bearer', token: 'x' }), { accept });
  const withToken = (token: string) =>
    bearer('GET', '/items', { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await withToken('right')).status, 200);
  const wrong = await withToken('wrong');
  assert.equal(wrong.status, 401);
  assert.match(wrong.json.detail, /is not the one that is expected/);
  assert.ok(!wrong.text.includes('wrong'));
  const other = await mockOf(t, block({ type: 'basic' }), { accept });
  await other('GET', '/items', { headers: { authorization: basic('u:right') } });
  assert.deepEqual(seen, ['shop right', 'shop wrong', 'shop u:right']);
});

test('a declared secret header is shown as sent; without authentication none is asked for', async (t) => {
  const call = await mockOf(t, {
    resources: [
      {
        path: '/items',
        operations: [
          {
            name: 'list',
            method: 'GET',
            inputParameters: [{ name: 'Authorization', in: 'header' }],
          },
        ],
      },
    ],
  });
  assert.equal((await call('GET', '/items')).json.credential, 'none');
  const { json } = await call('GET', '/items', { headers: { authorization: 'Bearer s3cr3t' } });
  assert.deepEqual(json.headers, { authorization: '(sent)' });
});
