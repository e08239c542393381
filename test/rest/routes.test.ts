import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { converse, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const echo = (t: Parameters<typeof startUpstream>[0]) =>
  startUpstream(t, ({ method, url }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url }));
  });

test('a path variable is found on the route whatever its spelling there', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        exact: { route: 'GET /a/{itemId}', consumed: 'GET /a/{itemId}' },
        cased: { route: 'GET /b/{paymentpspreference}', consumed: 'GET /b/{paymentPspReference}' },
        folded: { route: 'GET /c/{deployment-id}', consumed: 'GET /c/{deployment_id}' },
        lost: { route: 'GET /d', consumed: 'GET /d/{teamId}' },
        extra: { route: 'GET /e/{tenant}', consumed: 'GET /e' },
        tagged: { route: 'GET /f/{{id}}', consumed: 'GET /f/{{id}}' },
        plus: { route: 'GET /g/{name+}', consumed: 'GET /g/{name+}' },
      },
    }),
    { upstream: upstream.origin },
  );
  const reached = async (path: string) => {
    const answer = await send(rest, path);
    assert.equal(answer.status, 200, answer.text);
    return (answer.json() as { url: string }).url;
  };
  assert.equal(await reached('/a/1'), '/a/1');
  assert.equal(await reached('/b/2'), '/b/2');
  assert.equal(await reached('/c/3'), '/c/3');
  assert.equal(await reached('/d?teamId=4'), '/d/4', 'a variable the route has lost');
  assert.equal(await reached('/e/acme'), '/e', 'a variable that matches nothing');
  assert.equal(await reached('/f/6'), '/f/6');
  assert.equal(await reached('/g/7'), '/g/7');
  const { status, text } = await send(rest, '/d');
  assert.equal(status, 400);
  assert.match(text, /teamId is required and was not given/);
});

test('a path value arrives decoded once and leaves encoded as one segment', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({ operations: { get: { route: 'GET /items/{id}' } } }),
    { upstream: upstream.origin },
  );
  const cases = {
    '/items/a%2Fb': '/items/a%2Fb',
    '/items/a%252Fb': '/items/a%252Fb',
    '/items/a+b': '/items/a%2Bb',
    '/items/a%20b': '/items/a%20b',
    '/items/%3Fq%23f': '/items/%3Fq%23f',
    '/items/Zo%C3%AB%E2%98%83': '/items/Zo%C3%AB%E2%98%83',
    '/items/..%2F..%2Fadmin': '/items/..%2F..%2Fadmin',
    '/items/...': '/items/...',
    '/items/a;b=c': '/items/a%3Bb%3Dc',
    '/items/%0D%0Ax': '/items/%0D%0Ax',
    '/items/7/': '/items/7',
    '/items/7?x=/../y': '/items/7',
    '/items/7?': '/items/7',
  };
  for (const [path, wanted] of Object.entries(cases)) {
    const answer = await send(rest, path);
    assert.equal(answer.status, 200, `${path}: ${answer.text}`);
    assert.equal((answer.json() as { url: string }).url, wanted, path);
  }
});

test('a path value that would name another path is refused, and so is a broken escape', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: { get: { route: 'GET /items/{id}' }, sub: { route: 'GET /items/{id}/sub' } },
    }),
    { upstream: upstream.origin },
  );
  for (const path of ['/items/..', '/items/%2e%2e', '/items/%2E.', '/items/../sub']) {
    const { status, text } = await send(rest, path);
    assert.equal(status, 400, path);
    assert.match(text, /"code":"INPUT_INVALID"/);
    assert.match(text, /id must not be \\"\.\.\\": it would name another path/);
  }
  assert.match((await send(rest, '/items/.')).text, /id must not be \\"\.\\"/);
  const nul = await send(rest, '/items/a%00b');
  assert.equal(nul.status, 400);
  assert.match(nul.text, /id must not hold a NUL character/);
  for (const path of ['/items/%zz', '/items/%', '/items/%E2%98', '/items/%ff/sub', '/no/%zz']) {
    const { status, text } = await send(rest, path);
    assert.equal(status, 400, path);
    assert.match(text, /"code":"REQUEST_INVALID"/);
    assert.match(text, /Write a percent sign as %25/);
  }
  assert.equal(upstream.requests.length, 0);
});

test('dots and empty segments are no way around: a path is what it says', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        items: { route: 'GET /items' },
        one: { route: 'GET /items/{id}' },
        twice: { route: 'GET /packages/{name}//latest', consumed: 'GET /packages/{name}/latest' },
      },
    }),
    { upstream: upstream.origin },
  );
  for (const path of ['/x/../items', '//items', '/items//', '/items//7', '/./items', '/', '//']) {
    assert.equal((await send(rest, path)).status, 404, path);
  }
  assert.equal((await send(rest, '/items/')).status, 200, 'one slash at the end');
  assert.equal((await send(rest, '/packages/p//latest')).status, 200, 'a published empty segment');
  assert.equal((await send(rest, '/packages/p/latest')).status, 404);
});

test('route text is literal: signs that mean something elsewhere mean themselves', async (t) => {
  const upstream = await echo(t);
  const routes = [
    '/users/@me',
    '/docs/{id}:verb',
    '/docs:batchGet',
    '/odata/Items(x)',
    '/odata/Items({key})',
    '/files/*',
    '/a+b',
    '/v1.0/x.json',
    '/space%20d',
    '/Zoë',
    '/$metadata',
  ];
  const { rest } = await startGateway(
    t,
    capability({
      operations: Object.fromEntries(
        routes.map((route, index) => [`op${index}`, { route: `GET ${route}` }]),
      ),
    }),
    { upstream: upstream.origin },
  );
  const reached = async (path: string) => (await send(rest, path)).status;
  for (const path of [
    '/users/@me',
    '/users/%40me',
    '/docs/7:verb',
    '/docs/7%3Averb',
    '/docs:batchGet',
    '/odata/Items(x)',
    "/odata/Items('a')",
    '/files/*',
    '/a+b',
    '/v1.0/x.json',
    '/space%20d',
    '/Zo%C3%AB',
    '/$metadata',
  ]) {
    assert.equal(await reached(path), 200, path);
  }
  for (const path of ['/users/me', '/docs/7', '/files/x', '/aab', '/v1x0/x.json', '/a%20b']) {
    assert.equal(await reached(path), 404, path);
  }
});

test('the more specific route wins whatever the order in the file', async (t) => {
  const upstream = await echo(t);
  const routes = [
    '/users/{id}',
    '/users/@me',
    '/users/{id}/posts',
    '/users/@me/{what}',
    '/files/{name}',
    '/files/{name}.{type}',
    '/files/report-{year}.{type}',
    '/{anything}/special',
  ];
  const { rest } = await startGateway(
    t,
    capability({
      operations: Object.fromEntries(
        routes.map((route, index) => [
          `op${index}`,
          { route: `GET ${route}`, consumed: `GET /${index}` },
        ]),
      ),
    }),
    { upstream: upstream.origin },
  );
  const chosen = async (path: string) =>
    routes[Number((await send(rest, path)).text.match(/"url":"\/(\d)/)?.[1])];
  assert.equal(await chosen('/users/7'), '/users/{id}');
  assert.equal(await chosen('/users/@me'), '/users/@me');
  assert.equal(await chosen('/users/7/posts'), '/users/{id}/posts');
  assert.equal(await chosen('/users/@me/posts'), '/users/@me/{what}');
  assert.equal(await chosen('/users/special'), '/users/{id}');
  assert.equal(await chosen('/files/plain'), '/files/{name}');
  assert.equal(await chosen('/files/a.txt'), '/files/{name}.{type}');
  assert.equal(await chosen('/files/report-2024.pdf'), '/files/report-{year}.{type}');
  assert.equal(await chosen('/other/special'), '/{anything}/special');
});

test('a segment of several variables gives each its part', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        archive: { route: 'GET /archive/{sha}.{type}', consumed: 'GET /x/{sha}/{type}' },
        compare: { route: 'GET /compare/{base}...{head}', consumed: 'GET /y/{base}/{head}' },
      },
    }),
    { upstream: upstream.origin },
  );
  const url = async (path: string) => ((await send(rest, path)).json() as { url: string }).url;
  assert.equal(await url('/archive/abc.zip'), '/x/abc/zip');
  assert.equal(await url('/archive/abc.tar.gz'), '/x/abc/tar.gz');
  assert.equal(await url('/archive/a%2Fb.zip'), '/x/a%2Fb/zip');
  assert.equal(await url('/compare/v1...v2'), '/y/v1/v2');
  assert.equal((await send(rest, '/archive/abc.')).status, 404);
  assert.equal((await send(rest, '/archive/.zip')).status, 404);
});

test('a known path with another method gets 405 and Allow', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        get: { route: 'GET /items/{id}' },
        drop: { route: 'DELETE /items/{id}' },
        special: { route: 'POST /items/special' },
      },
    }),
    { upstream: upstream.origin },
  );
  const { status, headers, json } = await send(rest, '/items/7', { method: 'PATCH' });
  assert.equal(status, 405);
  assert.equal(headers.allow, 'DELETE, GET, HEAD, OPTIONS');
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.deepEqual(json(), {
    type: 'urn:naftiko:problem:method-not-allowed',
    title: 'The path exists, but not with this method',
    status: 405,
    detail: 'PATCH is not served on this path; DELETE, GET, HEAD, OPTIONS are.',
    code: 'METHOD_NOT_ALLOWED',
    allow: ['DELETE', 'GET', 'HEAD', 'OPTIONS'],
  });
  assert.equal((await send(rest, '/items/special')).status, 200, 'GET goes to the variable');
  const both = await send(rest, '/items/special', { method: 'PUT' });
  assert.equal(both.headers.allow, 'DELETE, GET, HEAD, OPTIONS, POST');
  const odd = await send(rest, '/items/7', { method: 'PROPFIND' });
  assert.equal(odd.status, 405);
});

test('OPTIONS answers on its own, and a declared OPTIONS goes upstream', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: { get: { route: 'GET /items' }, ask: { route: 'OPTIONS /asked' } },
    }),
    { upstream: upstream.origin },
  );
  const own = await send(rest, '/items', { method: 'OPTIONS' });
  assert.equal(own.status, 204);
  assert.equal(own.headers.allow, 'GET, HEAD, OPTIONS');
  assert.equal(own.text, '');
  const declared = await send(rest, '/asked', { method: 'OPTIONS' });
  assert.equal(declared.status, 200);
  assert.deepEqual(declared.json(), { method: 'OPTIONS', url: '/asked' });
  assert.equal((await send(rest, '/none', { method: 'OPTIONS' })).status, 404);
  const server = await converse(
    rest,
    `OPTIONS * HTTP/1.1\r\nhost: ${new URL(rest).host}\r\nconnection: close\r\n\r\n`,
  );
  assert.match(server, /^HTTP\/1\.1 204 /);
});

test('a request may name the whole URL', async (t) => {
  const upstream = await echo(t);
  const { rest } = await startGateway(
    t,
    capability({ operations: { get: { route: 'GET /items/{id}' } } }),
    { upstream: upstream.origin },
  );
  const answer = await converse(
    rest,
    `GET ${rest}/items/7?a=b HTTP/1.1\r\nhost: ${new URL(rest).host}\r\nconnection: close\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /"url":"\/items\/7"/);
});

test('HEAD follows GET: the same head, no body, and the connection stays usable', async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items': { body: { name: 'Zoë' }, headers: { etag: '"1"' } },
    'GET /mapped': { body: { name: 'Zoë' } },
    'GET /large': { body: Buffer.alloc(400_000, 'x') },
    'HEAD /own': { headers: { 'content-length': '77', 'x-total': '3' } },
  });
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        items: { route: 'GET /items' },
        mapped: { route: 'GET /mapped', output: [{ type: 'string', mapping: '$.name' }] },
        large: { route: 'GET /large' },
        own: { route: 'HEAD /own' },
        taking: { route: 'POST /taking' },
      },
    }),
    { upstream: upstream.origin },
  );
  const host = new URL(rest).host;
  const head = (path: string, more = '') => `HEAD ${path} HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`;
  // On one connection: a body where there should be none would be taken for the next answer.
  const received = await converse(
    rest,
    head('/items') + head('/mapped') + head('/large') + head('/own') + head('/none'),
    `${head('/taking')}GET /items HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
  );
  const answers = received.split(/(?=HTTP\/1\.1 )/);
  assert.deepEqual(
    answers.map((answer) => answer.slice(9, 12)),
    ['200', '200', '200', '200', '404', '405', '200'],
  );
  assert.match(answers[0] as string, /content-length: 15\r\n/i);
  assert.match(answers[0] as string, /etag: "1"/i);
  assert.match(answers[1] as string, /content-length: 6\r\n/i);
  assert.match(answers[2] as string, /content-length: 400000\r\n/i);
  assert.match(answers[3] as string, /content-length: 77\r\n/i);
  assert.match(answers[3] as string, /x-total: 3/i);
  for (const answer of answers.slice(0, 6)) assert.match(answer, /\r\n\r\n$/);
  // They come at once, so each may be the first that has a connection.
  assert.deepEqual(upstream.requests.map(({ method, url }) => `${method} ${url}`).sort(), [
    'GET /items',
    'GET /items',
    'GET /large',
    'GET /mapped',
    'HEAD /own',
  ]);
});

test('a path that nothing serves gets 404, with no more of it than is needed', async (t) => {
  const { rest } = await startGateway(
    t,
    capability({ operations: { get: { route: 'GET /items' } } }),
  );
  const { status, headers, json } = await send(rest, '/nothing?key=secret');
  assert.equal(status, 404);
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(headers['x-powered-by'], undefined);
  assert.deepEqual(json(), {
    type: 'urn:naftiko:problem:route-unknown',
    title: 'No route has this path',
    status: 404,
    detail: 'Nothing is served at /nothing.',
    code: 'ROUTE_UNKNOWN',
  });
  const long = await send(rest, `/${'x'.repeat(5_000)}`);
  assert.ok(long.text.length < 500);
});
