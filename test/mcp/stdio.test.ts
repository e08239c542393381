import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { serveStdio } from '../../src/mcp/stdio.ts';
import { connectAgentOverStreams, rpc } from '../support/agent.ts';
import { bounded, echoAndWait, echoAndWaitRunner, type Waiting } from './toolbox.ts';

interface Stdio {
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

function start(t: TestContext, { run }: Waiting, graceMs?: number): Stdio {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stop = new AbortController();
  const options = { stdin, stdout, run, signal: stop.signal };
  const done = serveStdio(echoAndWait, graceMs === undefined ? options : { ...options, graceMs });
  t.after(async () => {
    stop.abort();
    await done;
  });
  return { stdin, stdout, stop, done };
}

const linesOf = (stdout: PassThrough): unknown[] =>
  String(stdout.read() ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test(
  "the SDK's client works over stdin and stdout, and its leaving ends the serving",
  bounded,
  async (t) => {
    const streams = start(t, echoAndWaitRunner());
    const agent = await connectAgentOverStreams(t, streams);
    assert.equal(agent.getServerVersion()?.name, 'items');
    assert.equal((await agent.listTools()).tools.length, 2);
    const result = await agent.callTool({ name: 'echo-item', arguments: { id: 7 } });
    assert.deepEqual(result.structuredContent, { got: { id: 7 } });
    await agent.close();
    await streams.done;
  },
);

test('a cancellation aborts the run', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const agent = await connectAgentOverStreams(t, start(t, waiting));
  const abort = new AbortController();
  const call = agent.callTool({ name: 'wait' }, undefined, { signal: abort.signal });
  await waiting.begun;
  abort.abort(new Error('enough'));
  await assert.rejects(call, /enough/);
  await waiting.aborted;
});

test('requests that came before the end of input are still answered', bounded, async (t) => {
  const { stdin, stdout, done } = start(t, echoAndWaitRunner());
  const call = rpc('tools/call', { name: 'echo-item', arguments: { id: 7 } }, 'c');
  stdin.end(`${JSON.stringify(rpc('ping', undefined, 'p'))}\n${JSON.stringify(call)}\n`);
  await done;
  const ids = linesOf(stdout).map((line) => (line as { id: string }).id);
  assert.deepEqual(ids, ['p', 'c']);
});

test('a call that outlasts the end of input is aborted', bounded, async (t) => {
  const waiting = echoAndWaitRunner();
  const { stdin, done } = start(t, waiting, 1);
  stdin.write(`${JSON.stringify(rpc('tools/call', { name: 'wait' }))}\n`);
  await waiting.begun;
  stdin.end();
  await done;
  await waiting.aborted;
});

test('a call that runs when the signal comes is still answered', bounded, async (t) => {
  const { stdin, stdout, stop, done } = start(t, echoAndWaitRunner());
  const call = rpc('tools/call', { name: 'echo-item', arguments: { id: 7 } }, 'c');
  stdin.write(`${JSON.stringify(call)}\n`);
  // In the same turn: the call is read, and its answer is not written yet.
  setImmediate(() => stop.abort());
  await done;
  const ids = linesOf(stdout).map((line) => (line as { id: string }).id);
  assert.deepEqual(ids, ['c']);
});

test('a signal and a broken output end the serving', bounded, async (t) => {
  const stopped = start(t, echoAndWaitRunner());
  stopped.stop.abort();
  await stopped.done;
  const broken = start(t, echoAndWaitRunner());
  broken.stdout.destroy(new Error('EPIPE'));
  await broken.done;
});

test('a line that cannot be read is answered, and the next is served', bounded, async (t) => {
  const { stdin, stdout, done } = start(t, echoAndWaitRunner());
  stdin.end(`{"jsonrpc":\n[]\n{"id":1}\n${JSON.stringify(rpc('no/such', undefined, 2))}\n`);
  await done;
  const errors = linesOf(stdout).map((line) => {
    const { id, error } = line as { id: unknown; error: { code: number } };
    return [id, error.code];
  });
  assert.deepEqual(errors, [
    [null, -32700],
    [null, -32600],
    [null, -32600],
    [2, -32601],
  ]);
});
