import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlined } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

test('no more connections go to an upstream than were allowed; the rest of the calls wait', async (t) => {
  const upstream = await startUpstream(t, { 'GET /things': { body: { ok: true } } });
  const { rest } = await startGateway(t, outlined({ baseUri: upstream.origin }), {
    maxConnections: 2,
  });
  const answers = await Promise.all(Array.from({ length: 12 }, () => send(rest, '/r')));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(12).fill(200),
  );
  assert.equal(upstream.connections(), 2);
});
