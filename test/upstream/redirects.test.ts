import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { UpstreamRequest } from '../../src/plan/plan.ts';
import { startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient, taken } from './sending.ts';

const following = { hold: true, redirects: 5 };

function post(origin: string, path: string): UpstreamRequest {
  return {
    origin,
    method: 'POST',
    path,
    headers: ['content-type', 'application/json', 'content-language', 'en', 'authorization', 'k'],
    body: '{"a":1}',
  };
}

test('without leave a redirect is handed on as it is', async (t) => {
  const upstream = await startUpstream(t, {
    'GET /old': { status: 302, headers: { location: '/new' }, body: 'moved' },
  });
  const response = await startClient(t).send(get(upstream.origin, '/old'), held);
  assert.equal(response.status, 302);
  assert.equal(response.headers[response.headers.indexOf('location') + 1], '/new');
  assert.equal(await bodyText(response), 'moved');
  assert.equal(upstream.requests.length, 1);
});

test('301, 302 and 303 turn a POST into a GET without body; 307 and 308 repeat it', async (t) => {
  const upstream = await startUpstream(t, (request, response) => {
    const status = Number(request.url.split('/')[1]);
    if (status > 0) response.writeHead(status, { location: `/?from=${status}` });
    response.end('here');
  });
  const client = startClient(t);
  for (const status of [301, 302, 303, 307, 308]) {
    const answer = await client.send(post(upstream.origin, `/${status}`), following);
    assert.equal(await bodyText(answer), 'here');
    const last = upstream.requests.at(-1);
    const repeated = status > 303;
    assert.equal(last?.url, `/?from=${status}`);
    assert.equal(last?.method, repeated ? 'POST' : 'GET', String(status));
    assert.equal(last?.body, repeated ? '{"a":1}' : '');
    assert.equal(last?.headers['content-type'], repeated ? 'application/json' : undefined);
    assert.equal(last?.headers['content-language'], repeated ? 'en' : undefined);
    assert.equal(last?.headers.authorization, 'k', 'the same origin may keep its credentials');
  }
  for (const [status, expected] of [
    [301, 'PUT'],
    [303, 'GET'],
  ] as const) {
    await client.send({ ...post(upstream.origin, `/${status}`), method: 'PUT' }, following);
    assert.equal(upstream.requests.at(-1)?.method, expected);
  }
  await client.send({ ...get(upstream.origin, '/303'), method: 'HEAD' }, following);
  assert.equal(upstream.requests.at(-1)?.method, 'HEAD');
});

test('another origin never sees a credential, nor does the first when it comes back', async (t) => {
  const stranger = await startUpstream(t, (_request, response) => {
    response.writeHead(307, { location: `${first.origin}/end` }).end();
  });
  const first = await startUpstream(t, (request, response) => {
    if (request.url === '/start') response.writeHead(307, { location: `${stranger.origin}/x` });
    response.end('end');
  });
  const request: UpstreamRequest = {
    origin: first.origin,
    method: 'GET',
    path: '/start',
    headers: [
      ...['authorization', 'Bearer secret', 'cookie', 'session=secret', 'x-api-key', 'secret'],
      ...['host', 'secret.example', 'accept', 'text/plain', 'accept-language', 'de'],
      ...['user-agent', 'mine'],
    ],
  };
  await startClient(t).send(request, following);
  for (const seen of [stranger.requests[0], first.requests[1]]) {
    assert.ok(seen);
    assert.doesNotMatch(seen.rawHeaders.join('\n'), /secret/);
    assert.equal(seen.headers.accept, 'text/plain');
    assert.equal(seen.headers['accept-language'], 'de');
    assert.equal(seen.headers['user-agent'], 'mine');
  }
});

test('another origin never gets a body: a redirect that keeps it is handed on', async (t) => {
  const stranger = await startUpstream(t, { 'GET /x': { body: 'there' } });
  const first = await startUpstream(t, (request, response) => {
    const status = Number(request.url.slice(1));
    response.writeHead(status, { location: `${stranger.origin}/x` }).end('moved');
  });
  const client = startClient(t);
  for (const status of [307, 308]) {
    const answer = await client.send(post(first.origin, `/${status}`), following);
    assert.equal(answer.status, status);
    assert.equal(answer.headers[answer.headers.indexOf('location') + 1], `${stranger.origin}/x`);
    assert.equal(await bodyText(answer), 'moved');
  }
  const put = { ...post(first.origin, '/301'), method: 'PUT' };
  assert.equal((await client.send(put, following)).status, 301, 'so is one of a PUT');
  assert.equal(stranger.requests.length, 0);
  const found = await client.send(post(first.origin, '/303'), following);
  assert.equal(await bodyText(found), 'there', 'one that drops it is followed');
  assert.equal(stranger.requests[0]?.body, '');
  assert.equal(stranger.requests[0]?.headers['content-type'], undefined);
});

test('a circle ends at the limit with the redirect itself', async (t) => {
  const upstream = await startUpstream(t, {
    'GET /round': { status: 302, headers: { location: '/round' } },
  });
  const response = await startClient(t).send(get(upstream.origin, '/round'), following);
  assert.equal(response.status, 302);
  assert.equal(upstream.requests.length, 6);
});

test('what cannot be followed is handed on', async (t) => {
  const odd = [undefined, 'mailto:a@b.example', 'http://[', 'file:///etc/passwd'];
  const upstream = await startUpstream(t, (request, response) => {
    const location = odd[Number(request.url.slice(1))];
    if (location !== undefined) response.setHeader('location', location);
    response.writeHead(302).end();
  });
  const client = startClient(t);
  for (const index of odd.keys()) {
    const { status } = await client.send(get(upstream.origin, `/${index}`), following);
    assert.equal(status, 302);
  }
  assert.equal(upstream.requests.length, odd.length);
});

test('https is not given up for http', async (t) => {
  const fixture = (name: string) =>
    readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
  const tls = { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') };
  const plain = await startUpstream(t, {});
  const upstream = await startUpstream(
    t,
    { 'GET /': { status: 301, headers: { location: `${plain.origin}/secret` } } },
    { tls },
  );
  const client = startClient(t, { tls: { ca: tls.cert } });
  await failsWith(
    client.send(get(`https://localhost:${upstream.port}`, '/'), following),
    'UPSTREAM_UNUSABLE',
    /localhost:\d+ redirects from https to http, which is not followed/,
  );
  assert.equal(plain.requests.length, 0);
});

test('the total timeout spans all redirects, and a large body on the way is not read', async (t) => {
  const upstream = await startUpstream(t, (request, response) => {
    if (request.url === '/large') {
      response.writeHead(302, { location: '/slow' }).end(Buffer.alloc(5_000_000));
    }
  });
  await failsWith(
    startClient(t, { totalTimeout: 300 }).send(get(upstream.origin, '/large'), {
      ...taken,
      redirects: 1,
    }),
    'UPSTREAM_TIMEOUT',
    /within 300 ms \(total timeout\)/,
  );
  assert.equal(upstream.requests.at(-1)?.url, '/slow');
});
