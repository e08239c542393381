import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, send, until } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

const text = capability({ operations: { items: { route: 'GET /items' } } });

test(
  'one call more than may be under way is refused at once, on both faces',
  bounded,
  async (t) => {
    const release: (() => void)[] = [];
    const upstream = await startUpstream(t, async (_, response) => {
      await new Promise<void>((resolve) => release.push(resolve));
      response.setHeader('content-type', 'application/json').end('{"a":1}');
    });
    const { rest, mcp } = await startGateway(t, text, { upstream: upstream.origin, maxCalls: 2 });
    const agent = await connectAgent(t, mcp);
    const running = [send(rest, '/items'), send(rest, '/items')];
    await until(() => release.length === 2);
    const refused = await send(rest, '/items');
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal((refused.json() as { code: string }).code, 'OVERLOADED');
    const tool = await agent.callTool({ name: 'items', arguments: {} });
    assert.match(textOf(tool), /^OVERLOADED \(503\): The gateway has 2 calls under way/);
    for (const each of release) each();
    for (const answer of await Promise.all(running)) assert.equal(answer.status, 200);
    const again = send(rest, '/items');
    await until(() => release.length === 3);
    release[2]?.();
    assert.equal((await again).status, 200);
  },
);
