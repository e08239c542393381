import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { createEvents } from '../../src/mcp/events.ts';
import { type StdioOptions, serveStdio } from '../../src/mcp/stdio.ts';
import type { McpToolset } from '../../src/mcp/tools.ts';
import { initialize, rpc } from '../support/agent.ts';
import { CLAIM, connectNewerOverStreams, MODES, modern } from '../support/newer-agent.ts';
import { askers, openRounds, runAsker } from './asking-tools.ts';
import { bounded, EVERYTHING, echoAndWait, echoAndWaitRunner, until } from './toolbox.ts';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly result?: { readonly [key: string]: unknown };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

interface Pipes {
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly done: Promise<void>;
}

function start(
  t: TestContext,
  options: Omit<StdioOptions, 'stdin' | 'stdout' | 'signal'>,
  tools: McpToolset = echoAndWait,
): Pipes {
  const pipes = { stdin: new PassThrough(), stdout: new PassThrough() };
  const stop = new AbortController();
  const done = serveStdio(tools, { ...options, ...pipes, signal: stop.signal });
  t.after(async () => {
    stop.abort();
    await done;
  });
  return { ...pipes, done };
}

/** Speaks lines; `next` gives the next message that came back. */
function talk({ stdin, stdout }: Pipes) {
  const messages: Message[] = [];
  let rest = '';
  stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    // Whatever is not JSON has no business there, and throws.
    messages.push(...lines.map((line) => JSON.parse(line) as Message));
  });
  return {
    say: (message: object): void => void stdin.write(`${JSON.stringify(message)}\n`),
    async next(): Promise<Message> {
      await until(() => messages.length > 0);
      return messages.shift() as Message;
    },
  };
}

for (const [name, mode, version] of MODES) {
  test(`a client in ${name} mode is served over pipes`, bounded, async (t) => {
    const pipes = start(t, echoAndWaitRunner());
    const agent = await connectNewerOverStreams(t, pipes, mode);
    assert.equal(agent.getNegotiatedProtocolVersion(), version);
    assert.deepEqual(agent.getServerCapabilities(), EVERYTHING);
    assert.equal((await agent.listTools()).tools.length, 2);
    const points: unknown[] = [];
    const result = await agent.callTool(
      { name: 'echo-item', arguments: { id: 7 } },
      { onprogress: ({ message }) => points.push(message) },
    );
    assert.deepEqual(result.structuredContent, { got: { id: 7 } });
    assert.deepEqual(points, ['started', 'answered', 'completed']);
    await assert.rejects(agent.readResource({ uri: 'a://b' }), /Unknown resource/);
    await agent.close();
    await pipes.done;
  });

  test(`a client in ${name} mode is asked over pipes`, bounded, async (t) => {
    const pipes = start(t, { run: runAsker, rounds: openRounds }, askers);
    const capabilities = { elicitation: {}, roots: {} };
    const agent = await connectNewerOverStreams(t, pipes, mode, { capabilities }, (client) => {
      client.setRequestHandler('elicitation/create', async () => ({
        action: 'accept',
        content: { name: 'Ada' },
      }));
      client.setRequestHandler('roots/list', async () => ({ roots: [{ uri: 'file:///home' }] }));
    });
    const { structuredContent } = await agent.callTool({ name: 'greet' });
    assert.deepEqual(structuredContent, { hello: 'Ada', at: ['file:///home'] });
  });

  test(`a client in ${name} mode that cancels aborts its call over pipes`, bounded, async (t) => {
    const waiting = echoAndWaitRunner();
    const agent = await connectNewerOverStreams(t, start(t, waiting), mode);
    const abort = new AbortController();
    const call = agent.callTool({ name: 'wait' }, { signal: abort.signal });
    await waiting.begun;
    abort.abort(new Error('enough'));
    await assert.rejects(call, /enough/);
    await waiting.aborted;
  });
}

test('a client may look with one era and stay in the other', bounded, async (t) => {
  const { say, next } = talk(start(t, echoAndWaitRunner()));
  say(modern('server/discover', {}, 'probe'));
  assert.deepEqual((await next()).result?.supportedVersions, ['2026-07-28']);
  say(initialize());
  assert.equal((await next()).result?.protocolVersion, '2025-11-25');
  say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  say(rpc('tools/list', undefined, 'bare'));
  const { id, result } = await next();
  assert.deepEqual([id, Object.keys(result ?? {})], ['bare', ['tools']]);
  say(modern('tools/list', {}, 'claimed'));
  assert.equal((await next()).result?.resultType, 'complete');
  say(rpc('ping', undefined, 'p'));
  assert.deepEqual(await next(), { jsonrpc: '2.0', id: 'p', result: {} });
});

test('after a look at the new era, a call without a claim is refused in it', bounded, async (t) => {
  const { say, next } = talk(start(t, echoAndWaitRunner()));
  say(modern('server/discover'));
  await next();
  say(rpc('tools/list', undefined, 9));
  const { id, error } = await next();
  assert.deepEqual([id, error?.code], [9, -32602]);
  say(modern('tools/list', {}, 10, { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' }));
  const newer = await next();
  assert.deepEqual([newer.id, newer.error?.code], [10, -32022]);
  assert.deepEqual(newer.error?.data, { supported: ['2026-07-28'], requested: '2099-01-01' });
  say(
    rpc('tools/list', { _meta: { ...CLAIM, 'io.modelcontextprotocol/clientCapabilities': 7 } }, 11),
  );
  assert.deepEqual((await next()).error?.code, -32602);
  for (const method of ['ping', 'logging/setLevel', 'no/such']) {
    say(modern(method));
    assert.equal((await next()).error?.code, -32601, method);
  }
});

test('a client listens over pipes until it cancels, or the end', bounded, async (t) => {
  const events = createEvents();
  const pipes = start(t, { ...echoAndWaitRunner(), events });
  const { say, next } = talk(pipes);
  const listen = (uri: string, id: string): void =>
    say(modern('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } }, id));
  listen('a://b', 'one');
  assert.equal((await next()).method, 'notifications/subscriptions/acknowledged');
  listen('a://c', 'two');
  await next();
  assert.deepEqual([...events.wanted()], ['a://b', 'a://c']);
  for (const uri of ['a://d', 'a://c']) events.emit({ kind: 'resourceUpdated', uri });
  const { params } = await next();
  assert.deepEqual(params, {
    uri: 'a://c',
    _meta: { 'io.modelcontextprotocol/subscriptionId': 'two' },
  });
  say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'two' } });
  await until(() => events.wanted().size === 1);
  pipes.stdin.end();
  const { id, result } = await next();
  assert.deepEqual([id, result?.resultType], ['one', 'complete']);
  await pipes.done;
  assert.equal(events.wanted().size, 0);
});
