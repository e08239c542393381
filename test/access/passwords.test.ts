import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { basic, serveBehind } from './serving.ts';

describe('basic', () => {
  const plan = { type: 'basic', username: () => 'ada', password: () => 'pä:ss "x"' } as const;

  test('lets in who knows both, whatever the case of the scheme', async (t) => {
    const ask = await serveBehind(t, plan);
    for (const authorization of [
      basic('ada:pä:ss "x"'),
      basic('ada:pä:ss "x"').replace('Basic', 'bAsIc '),
    ])
      assert.equal((await ask({ headers: { authorization } })).status, 200);
  });

  test('refuses everything else with a challenge', async (t) => {
    const ask = await serveBehind(t, plan, { realm: 'the "a" api' });
    const wrong = [
      '',
      'Basic',
      'Basic !',
      'Basic ',
      'Bearer x',
      basic(''),
      basic(':'),
      basic('ada'),
      basic('ada:'),
      basic('ada:wrong'),
      basic('bob:pä:ss "x"'),
      basic('ada:pä:ss "x" '),
      basic('Ada:pä:ss "x"'),
      `${basic('ada:pä:ss "x"')} x`,
      basic('ada:pä:ss "x"').slice(6),
    ];
    for (const authorization of wrong) {
      const reply = await ask({ headers: authorization === '' ? {} : { authorization } });
      assert.equal(reply.status, 401, authorization);
      assert.equal(reply.code, 'UNAUTHENTICATED');
      assert.deepEqual(reply.challenges, ['Basic realm="the \\"a\\" api", charset="UTF-8"']);
      assert.doesNotMatch(reply.message, /ada|pä/);
    }
  });
});

describe('bearer', () => {
  const plan = { type: 'bearer', token: () => 'tok.en_1' } as const;

  test('lets the token in, and tells a missing one from a wrong one', async (t) => {
    const ask = await serveBehind(t, plan);
    for (const authorization of ['Bearer tok.en_1', 'bearer   tok.en_1'])
      assert.equal((await ask({ headers: { authorization } })).status, 200);
    const missing = await ask();
    assert.equal(missing.status, 401);
    assert.deepEqual(missing.challenges, ['Bearer realm="naftiko"']);
    for (const authorization of [
      'Bearer tok.en_2',
      'Bearer TOK.EN_1',
      'Bearer tok.en_11',
      'Bearer {{env.TOKEN}}',
    ]) {
      const wrong = await ask({ headers: { authorization } });
      assert.equal(wrong.status, 401);
      assert.deepEqual(wrong.challenges, ['Bearer realm="naftiko", error="invalid_token"']);
    }
    for (const authorization of [
      'Bearer',
      'Bearer ',
      'Basic tok.en_1',
      'tok.en_1',
      'Bearer tok.en_1 x',
    ])
      assert.equal((await ask({ headers: { authorization } })).status, 401, authorization);
    assert.equal((await ask({ path: '/?access_token=tok.en_1' })).status, 401);
  });
});

describe('apikey', () => {
  test('in a header of any case', async (t) => {
    const plan = {
      type: 'apikey',
      key: 'X-Api-Key',
      value: () => 'k=1&"',
      placement: 'header',
    } as const;
    const ask = await serveBehind(t, plan);
    assert.equal((await ask({ headers: { 'x-aPI-key': 'k=1&"' } })).status, 200);
    const missing = await ask({ path: '/?X-Api-Key=k%3D1%26%22' });
    assert.equal(missing.status, 401);
    assert.match(missing.message, /send it in the header X-Api-Key/);
    assert.deepEqual(missing.challenges, ['ApiKey realm="naftiko", in="header", name="X-Api-Key"']);
    for (const value of ['', 'k=1&', ['k=1&"', 'k=1&"'], 'K=1&"'])
      assert.equal((await ask({ headers: { 'x-api-key': value } })).status, 401, String(value));
  });

  test('in the query, decoded, once', async (t) => {
    const plan = { type: 'apikey', key: 'key', value: () => 'a b&c', placement: 'query' } as const;
    const ask = await serveBehind(t, plan);
    for (const path of ['/?key=a%20b%26c', '/x?y=1&key=a+b%26c'])
      assert.equal((await ask({ path })).status, 200, path);
    for (const path of [
      '/',
      '/?key',
      '/?key=',
      '/?key=a',
      '/?Key=a%20b%26c',
      '/?key=a%20b%26c&key=z',
      '/?key[]=a%20b%26c',
      '/?a=1?key=a%20b%26c',
      '/key=a%20b%26c',
    ]) {
      const reply = await ask({ path });
      assert.equal(reply.status, 401, path);
      assert.deepEqual(reply.challenges, ['ApiKey realm="naftiko", in="query", name="key"']);
    }
    assert.equal((await ask({ headers: { key: 'a b&c' } })).status, 401);
  });

  test('in the Authorization header itself', async (t) => {
    const plan = {
      type: 'apikey',
      key: 'Authorization',
      value: () => 'Token abc',
      placement: 'header',
    } as const;
    const ask = await serveBehind(t, plan);
    assert.equal((await ask({ headers: { authorization: 'Token abc' } })).status, 200);
    assert.equal((await ask({ headers: { authorization: 'abc' } })).status, 401);
  });
});
