import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { StartError } from '../../src/gateway/start-error.ts';
import { connectAgent, rpc, sendRaw, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { type Handler, startUpstream } from '../support/upstream.ts';

const lines = (stream: object = {}, outputParameters: readonly object[] = []): string => {
  const document = JSON.parse(
    capability({ name: 'lines', operations: { follow: { route: 'GET /follow' } } }),
  );
  document.capability.consumes[0].resources[0].operations[0].stream = stream;
  for (const expose of document.capability.exposes) {
    const [operation] = expose.tools ?? expose.resources[0].operations;
    if (outputParameters.length > 0) operation.outputParameters = outputParameters;
  }
  return JSON.stringify(document);
};

async function serve(t: TestContext, handle: Handler, text = lines()) {
  const upstream = await startUpstream(t, handle);
  return startGateway(t, text, { upstream: upstream.origin });
}

const json = { 'content-type': 'application/json' };
const begin = (response: ServerResponse, text: string): void => {
  response.writeHead(200, json);
  response.write(text);
};

async function collected(t: TestContext, mcp: string): Promise<unknown> {
  const agent = await connectAgent(t, mcp);
  const result = await agent.callTool({ name: 'follow', arguments: {} });
  assert.notEqual(result.isError, true, textOf(result));
  assert.deepEqual(JSON.parse(textOf(result)), result.structuredContent);
  return result.structuredContent;
}

test('a tool gets the values of a stream that ends, numbers and other text as they came', async (t) => {
  const { mcp } = await serve(t, (_, response) => {
    response.writeHead(200, json);
    response.end('{"n":1}\r\n\n{"text":"ü"}\nno json\n[2]');
  });
  const items = [{ n: 1 }, { text: 'ü' }, 'no json', [2]];
  assert.deepEqual(await collected(t, mcp), { items, ended: 'stream' });
});

test('time and number end a list, and the call upstream with it', async (t) => {
  let leave: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const handle: Handler = (_, response) => {
    response.on('close', leave);
    begin(response, '{"n":1}\n{"n":2}\n{"n":3}\n{"half');
  };
  const byTime = await serve(t, handle, lines({ for: 'PT0.3S' }));
  const items = [{ n: 1 }, { n: 2 }, { n: 3 }];
  assert.deepEqual(await collected(t, byTime.mcp), { items, ended: 'time' });
  await left;
  const byNumber = await serve(t, handle, lines({ items: 2 }));
  const two = items.slice(0, 2);
  assert.deepEqual(await collected(t, byNumber.mcp), { items: two, ended: 'items' });
});

test('an API that says nothing in the time has said nothing', async (t) => {
  const { mcp } = await serve(t, () => {}, lines({ for: 0.2 }));
  assert.deepEqual(await collected(t, mcp), { items: [], ended: 'time' });
});

test('a stream that breaks tells so with what came', async (t) => {
  const { mcp } = await serve(t, (_, response) => {
    begin(response, '{"n":1}\n');
    setTimeout(() => response.destroy(), 20);
  });
  assert.deepEqual(await collected(t, mcp), { items: [{ n: 1 }], ended: 'broken' });
});

test('lines that are too many for an agent end a list', async (t) => {
  const line = `${JSON.stringify('x'.repeat(300_000))}\n`;
  const { mcp } = await serve(t, (_, response) => begin(response, line.repeat(5)));
  const { items, ended } = (await collected(t, mcp)) as { items: unknown[]; ended: string };
  assert.deepEqual([items.length, ended], [3, 'size']);
});

test('a refusal is shown as it is, and an API that is away is an error', async (t) => {
  const { mcp } = await serve(t, (_, response) => {
    response.writeHead(400, json);
    response.end('{"message":"which?"}');
  });
  const agent = await connectAgent(t, mcp);
  const refused = await agent.callTool({ name: 'follow', arguments: {} });
  assert.equal(refused.isError, true);
  assert.match(textOf(refused), /answered 400 Bad Request\.\n\n.*which\?/);
  const away = await startGateway(t, lines());
  const other = await connectAgent(t, away.mcp);
  const lost = await other.callTool({ name: 'follow', arguments: {} });
  assert.match(textOf(lost), /^UPSTREAM_UNREACHABLE/);
});

test('REST hands lines on as they come, and shapes what was collected', async (t) => {
  let write: (text: string) => void = () => {};
  const handle: Handler = (_, response) => {
    begin(response, '{"n":1}\n');
    write = (text) => void response.write(text);
  };
  const { rest } = await serve(t, handle);
  const answer = await fetch(`${rest}/follow`);
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => Buffer.from((await reader.read()).value ?? []).toString();
  assert.equal(await next(), '{"n":1}\n');
  write('{"n":2}\n');
  assert.equal(await next(), '{"n":2}\n');
  await reader.cancel();
  const first = [{ type: 'number', mapping: '$.items[0].n' }];
  const shaped = await serve(t, handle, lines({ items: 1 }, first));
  assert.equal(await (await fetch(`${shaped.rest}/follow`)).text(), '1');
});

test('a client that asks for progress is told of it, and one that cannot listen gets the answer', async (t) => {
  const { mcp } = await serve(t, (_, response) => {
    begin(response, '{"n":1}\n');
    setTimeout(() => response.end('{"n":2}\n'), 50);
  });
  const agent = await connectAgent(t, mcp);
  const told: [number, string][] = [];
  await agent.callTool({ name: 'follow', arguments: {} }, undefined, {
    onprogress: ({ progress, message = '' }) => told.push([progress, message]),
  });
  const messages = told.map(([, message]) => message);
  assert.deepEqual(messages, ['started', '1 collected', '2 collected', 'follow', 'completed']);
  assert.ok(
    told.every(([progress], at) => at === 0 || progress > (told[at - 1] as [number, string])[0]),
    `progress grows: ${told.join(' ')}`,
  );
  const params = { name: 'follow', arguments: {}, _meta: { progressToken: 7 } };
  const single = await sendRaw(mcp, rpc('tools/call', params), { accept: 'application/json' });
  assert.equal(JSON.parse(single.text).result.structuredContent.items.length, 2);
});

test('a time that is none is an error at load', async (t) => {
  await assert.rejects(startGateway(t, lines({ for: 'soon' })), (error: StartError) => {
    assert.match(error.findings[0]?.message ?? '', /^"soon" is no time/);
    return true;
  });
});
