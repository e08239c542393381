import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlined } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { collectGarbage } from '../support/memory.ts';
import { startUpstream } from '../support/upstream.ts';

const MANY = 4;
const COMMENT = `# ${'what nobody needs once a file is served '.repeat(50)}\n`.repeat(3_000);

test('a running gateway has let the texts of its files go', async (t) => {
  const upstream = await startUpstream(t, { 'GET /things': { body: { ok: true } } });
  const text = `${COMMENT}${outlined({ baseUri: upstream.origin })}`;
  // What is loaded once is loaded by the first.
  const gateways = [await startGateway(t, text)];
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < MANY; count += 1) gateways.push(await startGateway(t, text));
  collectGarbage();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < (MANY * text.length) / 2, `${grown} bytes more for ${MANY * text.length}`);
  for (const { rest } of gateways) assert.equal((await send(rest, '/r')).status, 200);
});
