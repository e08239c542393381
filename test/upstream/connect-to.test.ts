import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseAddress } from '../../src/upstream/connect-to.ts';
import { bounded } from '../support/http.ts';
import { closedOrigin, startUpstream } from '../support/upstream.ts';
import { bodyText, failsWith, get, held, startClient } from './sending.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const tls = { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') };

test('a host is reached elsewhere, called by its own name', bounded, async (t) => {
  const upstream = await startUpstream(t, { 'GET /': { body: 'here' } }, { tls });
  const { port } = new URL(upstream.origin);
  const client = startClient(t, {
    tls: { ca: tls.cert },
    connectTo: { localhost: `127.0.0.1:${port}`, 'other.invalid': `127.0.0.1:${port}` },
  });
  const answer = await client.send(get('https://localhost', '/'), held);
  assert.equal(await bodyText(answer), 'here');
  assert.equal(upstream.requests[0]?.headers.host, 'localhost');
  // Whoever answers has to be the host that was meant.
  await failsWith(
    client.send(get('https://other.invalid', '/'), held),
    'UPSTREAM_UNREACHABLE',
    /certificate of other\.invalid \(at 127\.0\.0\.1:\d+\)/,
  );
});

test(
  'a host with a port is told from the host; a port is kept where none is given',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /': { body: 'here' } });
    const { port } = new URL(upstream.origin);
    const closed = new URL(await closedOrigin()).host;
    const client = startClient(t, {
      connectTo: { [`api.invalid:${port}`]: '127.0.0.1', 'api.invalid': closed },
    });
    const answer = await client.send(get(`http://api.invalid:${port}`, '/'), held);
    assert.equal(await bodyText(answer), 'here');
    await failsWith(
      client.send(get('http://api.invalid', '/'), held),
      'UPSTREAM_UNREACHABLE',
      /api\.invalid \(at 127\.0\.0\.1:\d+\) refused/,
    );
  },
);

test('addresses are names, addresses of IPv4, and of IPv6 in brackets', () => {
  const parts = (text: string) => {
    const { hostname, port } = parseAddress(text) ?? {};
    return [hostname, port];
  };
  assert.deepEqual(parts('api.example.com'), ['api.example.com', undefined]);
  assert.deepEqual(parts('127.0.0.1:8443'), ['127.0.0.1', '8443']);
  assert.deepEqual(parts('[::1]:8443'), ['::1', '8443']);
  for (const wrong of ['', ':80', '::1', 'a b', 'a:b', 'http://a', 'a/b', 'a:65536', 'a@b'])
    assert.equal(parseAddress(wrong), undefined, wrong);
});
