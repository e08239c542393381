import assert from 'node:assert/strict';
import test from 'node:test';
import type { ConsumedResource } from '../../src/document/document.ts';
import { MockError } from '../../src/mock/problem.ts';
import { startMock } from '../../src/mock/server.ts';
import { mockOf } from './caller.ts';

const resource = (path: string, ...operations: string[]): ConsumedResource => ({
  path,
  operations: operations.map((text) => {
    const [method = 'GET', name = ''] = text.split(' ');
    return { method, name };
  }),
});

test('an operation is found by its path, and its variables are read', async (t) => {
  const call = await mockOf(t, {
    resources: [
      resource('/', 'GET root'),
      resource('/items/{id}', 'GET one', 'DELETE drop'),
      resource('/items/special', 'GET special'),
      resource('/users/@me', 'GET me'),
      resource('/reports/{{report-id}}.json', 'GET report'),
      resource('/commits/{sha}', 'GET commit'),
      resource('/commits/{sha}.{diffType}', 'GET diff'),
      resource('/accounts/{account}:undrop', 'POST undrop'),
      resource("/Orders('{Order}',Item='{Item}')", 'GET order'),
      resource('/raw/{name+}', 'GET raw'),
      resource('/services/', 'GET services'),
    ],
  });
  const cases: [string, string, string, Record<string, string>][] = [
    ['GET', '/', 'root', {}],
    ['GET', '', 'root', {}],
    ['GET', '/items/7', 'one', { id: '7' }],
    ['GET', '/items/a%2Fb%20%C3%A9%3F', 'one', { id: 'a/b é?' }],
    ['DELETE', '/items/special', 'drop', { id: 'special' }],
    ['GET', '/items/special', 'special', {}],
    ['GET', '/users/@me', 'me', {}],
    ['GET', '/users/%40me', 'me', {}],
    ['GET', '/reports/q1.json', 'report', { 'report-id': 'q1' }],
    ['GET', '/commits/abc', 'commit', { sha: 'abc' }],
    ['GET', '/commits/abc.patch', 'diff', { sha: 'abc', diffType: 'patch' }],
    ['POST', '/accounts/big:undrop', 'undrop', { account: 'big' }],
    ['GET', "/Orders('1',Item='2')", 'order', { Order: '1', Item: '2' }],
    ['GET', '/raw/a', 'raw', { 'name+': 'a' }],
    ['GET', '/services/', 'services', {}],
  ];
  for (const [method, target, operation, variables] of cases) {
    const { status, json } = await call(method, target);
    assert.equal(status, 200, `${method} ${target}`);
    assert.equal(json.operation, `shop.${operation}`, `${method} ${target}`);
    assert.deepEqual(json.variables, variables, `${method} ${target}`);
  }
  for (const target of ['/items', '/items/', '/items/1/2', '/services', '/reports/q1.xml', '//']) {
    const { status, headers, json } = await call('GET', target);
    assert.equal(status, 404, target);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(json.code, 'PATH_UNKNOWN');
    assert.equal(json.detail, `No consumed operation has the path ${target}.`);
  }
});

test('another method gets 405 and the methods there are', async (t) => {
  const call = await mockOf(t, { resources: [resource('/items/{id}', 'GET one', 'DELETE drop')] });
  const { status, headers, json } = await call('PATCH', '/items/1');
  assert.equal(status, 405);
  assert.equal(headers.allow, 'GET, DELETE, HEAD');
  assert.equal(json.detail, '/items/1 is consumed with GET, DELETE, HEAD, not with PATCH.');
});

test('HEAD follows GET and has no body', async (t) => {
  const call = await mockOf(t, { resources: [resource('/items', 'GET list', 'POST add')] });
  const { status, headers, text } = await call('HEAD', '/items');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(text, '');
  assert.equal((await call('HEAD', '/nothing')).status, 404);
});

test('the query written in a path must be sent; a label after # is not looked for', async (t) => {
  const call = await mockOf(t, {
    resources: [
      resource('/?Action=RunInstances', 'POST run'),
      resource('/?Action=StopInstances', 'POST stop'),
      resource('/{Bucket}?acl', 'GET acl'),
      resource('/parts?uploadId={uploadId}', 'GET parts'),
      resource('/jobs#list', 'POST list'),
      {
        path: '/jobs#start',
        operations: [
          {
            name: 'start',
            method: 'POST',
            inputParameters: [{ name: 'target', in: 'query', required: true }],
          },
        ],
      },
    ],
  });
  const operation = async (method: string, target: string) =>
    (await call(method, target)).json.operation;
  assert.equal(await operation('POST', '/?Action=RunInstances&Max=1'), 'shop.run');
  assert.equal(await operation('POST', '/?Max=1&Action=StopInstances'), 'shop.stop');
  assert.equal(await operation('GET', '/mine?acl'), 'shop.acl');
  assert.equal(await operation('GET', '/mine?acl='), 'shop.acl');
  assert.equal(await operation('GET', '/parts?uploadId=9'), 'shop.parts');
  assert.equal(await operation('POST', '/jobs'), 'shop.list');
  for (const [method, target] of [
    ['POST', '/'],
    ['POST', '/?Action=Other'],
    ['GET', '/mine'],
    ['GET', '/parts?uploadId='],
  ] as const) {
    const { status, json } = await call(method, target);
    assert.equal(status, 404, target);
    assert.match(json.detail, /^The path needs the query that the file writes in it: \//);
  }
});

test('of operations that differ in their label only, the one whose parameters fit answers', async (t) => {
  const need = (name: string) => [{ name, in: 'query', required: true }];
  const call = await mockOf(t, {
    resources: [
      { path: '/#a', operations: [{ name: 'a', method: 'POST', inputParameters: need('x') }] },
      { path: '/#b', operations: [{ name: 'b', method: 'POST', inputParameters: need('y') }] },
    ],
  });
  assert.equal((await call('POST', '/?y=1')).json.operation, 'shop.b');
  const { status, json } = await call('POST', '/');
  assert.equal(status, 400);
  assert.deepEqual(
    json.violations.map(({ input }: { input: string }) => input),
    ['x'],
  );
});

test('every block has its own base, whatever its key', async (t) => {
  const consumes = { namespace: 'a', baseUri: '', resources: [resource('/x', 'GET x')] };
  const keys = ['plain', 'file.yaml#a', 'file yaml a', '..', 'é'];
  const mock = await startMock({ consumes: keys.map((key) => ({ key, consumes })) });
  t.after(() => mock.close());
  const bases = keys.map((key) => mock.baseUri(key));
  assert.equal(new Set(bases).size, keys.length);
  for (const base of bases) {
    assert.match(base, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]+$/);
    const response = await fetch(`${base}/x`);
    assert.equal(response.status, 200);
    await response.text();
  }
  assert.throws(
    () => mock.baseUri('other'),
    /^MockError: The mock serves no block with the key 'other'\.$/,
  );
  await assert.rejects(
    startMock({
      consumes: [
        { key: 'a', consumes },
        { key: 'a', consumes },
      ],
    }),
    (error) => error instanceof MockError && error.message.includes("have the key 'a'"),
  );
});
