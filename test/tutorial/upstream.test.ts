/** The stand-ins for the tutorial's APIs refuse what they should, or nothing held by them would count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonBody, type Sent, send } from '../support/http.ts';
import { exampleOf, skip } from './documents.ts';
import { voyageRequest } from './expected.ts';
import { bearer } from './serving.ts';
import { startApi } from './upstream.ts';

const TOKEN = bearer('right');

test('an API takes its credential by value, and no other', { skip }, async (t) => {
  const registry = await startApi(t, 'registry', { credential: 'right' });
  const legacy = await startApi(t, 'legacy', { credential: 'right' });
  const open = await startApi(t, 'registry', { credential: 'right', open: true });
  const statusOf = async (base: string, path: string, headers: Sent['headers'] = {}) =>
    (await ask(base, path, { headers })).status;
  for (const [headers, status] of [
    [{}, 401],
    [bearer('wrong'), 401],
    [bearer(''), 401],
    [{ authorization: 'right' }, 401],
    [{ 'x-dock-key': 'right' }, 401],
    [TOKEN, 200],
  ] as const) {
    assert.equal(await statusOf(registry.baseUri, '/ships', headers), status);
  }
  for (const [headers, status] of [
    [{}, 401],
    [{ 'x-dock-key': 'wrong' }, 401],
    [{ 'x-dock-key': '' }, 401],
    [TOKEN, 401],
    [{ 'x-dock-key': 'right' }, 200],
  ] as const) {
    assert.equal(await statusOf(legacy.baseUri, '/vessels', headers), status);
  }
  assert.equal(await statusOf(open.baseUri, '/ships'), 200);
  assert.equal(await statusOf(open.baseUri, '/ships', bearer('wrong')), 401);
});

test('an API takes what its document describes, and nothing else', { skip }, async (t) => {
  const { baseUri, received } = await startApi(t, 'registry', { credential: 'right' });
  const post = (body: unknown): Sent => jsonBody(body);
  const { crewIds: _, ...crewless } = voyageRequest();
  const text = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' };
  for (const [path, sent, status] of [
    ['/ships?status=active', {}, 200],
    ['/ships?status=sunk', {}, 400],
    ['/ships?colour=red', {}, 400],
    ['/ships', { method: 'PUT' }, 405],
    ['/nowhere', {}, 404],
    ['/ships/IMO-9321483', {}, 200],
    ['/ships/IMO-9321483/crew', {}, 404],
    ['/voyages', post(voyageRequest()), 201],
    ['/voyages', post(crewless), 400],
    ['/voyages', post({ ...voyageRequest(), crewIds: 'CREW-001' }), 400],
    ['/voyages', post({ ...voyageRequest(), crewIds: [1] }), 400],
    ['/voyages', post({ ...voyageRequest(), shipImo: 9 }), 400],
    ['/voyages', post('{"shipImo": "a" b"}'), 400],
    ['/voyages', { method: 'POST' }, 400],
    ['/voyages', text, 415],
  ] as const) {
    const answer = await ask(baseUri, path, { ...sent, headers: { ...TOKEN, ...headersOf(sent) } });
    assert.equal(answer.status, status, `${path} ${JSON.stringify(sent)}: ${answer.text}`);
    assert.equal(received.at(-1)?.status, status);
  }
});

test('an API answers the example that its document keeps for a request', { skip }, async (t) => {
  const { baseUri } = await startApi(t, 'registry', { credential: 'right' });
  const get = async (path: string) => (await ask(baseUri, path, { headers: TOKEN })).json();
  const one = '/imo_number=IMO-9456781';
  assert.deepEqual(
    await get('/ships/IMO-9456781'),
    exampleOf('registry', 'GET /ships/{imo_number}', 200, one),
  );
  assert.deepEqual(
    await get('/ships/IMO-0'),
    exampleOf('registry', 'GET /ships/{imo_number}', 404, 'notFound'),
  );
  assert.deepEqual(
    await get('/ships?status=decommissioned'),
    exampleOf('registry', 'GET /ships', 200, 'allShips'),
  );
  const posted = jsonBody({ ...voyageRequest(), arrivalPort: 'Genoa "Pré"' });
  const answer = await ask(baseUri, '/voyages', {
    ...posted,
    headers: { ...TOKEN, ...posted.headers },
  });
  assert.equal((answer.json() as { arrivalPort: string }).arrivalPort, 'Genoa "Pré"');
});

const headersOf = (sent: Sent): Sent['headers'] => sent.headers;

function ask(baseUri: string, path: string, sent: Sent) {
  const { origin, pathname } = new URL(baseUri);
  return send(origin, pathname + path, sent);
}
