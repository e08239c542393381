import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Caching } from './caching.ts';
import { INVALID_REQUEST, PARSE_ERROR, RpcError, rpcErrorAnswer } from './rpc-error.ts';
import { createEras } from './stdio-eras.ts';
import { createToolCore, type McpToolset, type ToolCore, type ToolOptions } from './tools.ts';
import { createWatch } from './watch.ts';

export interface StdioOptions extends ToolOptions, Caching {
  readonly stdin: Readable;
  /** Gets messages of the protocol, one a line, and nothing else. */
  readonly stdout: Writable;
  /** Ends the serving when it aborts. */
  readonly signal?: AbortSignal;
  /** Milliseconds that running calls get to answer after the end of input or the signal. 5,000 when absent. */
  readonly graceMs?: number;
}

/**
 * Serves one client until its input ends, `signal` aborts, or its output breaks; then resolves.
 * Running calls may answer first, but where nobody is left to read.
 */
export async function serveStdio(toolset: McpToolset, options: StdioOptions): Promise<void> {
  const { stdin, stdout, signal, graceMs = 5_000 } = options;
  const calls = new Set<Promise<unknown>>();
  const stopped = new AbortController();
  const wire = new StdioServerTransport(stdin, stdout);
  const core = createToolCore(toolset, options);
  const watch = createWatch(toolset.resources ?? [], core.resources, core.events);
  const eras = await createEras(tracked(core, calls), options, (message) =>
    typeof message === 'string' ? writeLine(stdout, message) : wire.send(message).catch(nothing),
  );
  let closing = false;
  let closed = (): void => {};
  const done = new Promise<void>((resolve) => {
    closed = resolve;
  });
  async function close(): Promise<void> {
    stopped.abort();
    watch.close();
    await eras.close();
    await wire.close();
    closed();
  }
  function stop(): void {
    if (!closing) void close();
    closing = true;
  }
  const finish = (): void => void drained(calls, graceMs, stopped.signal).then(stop);

  wire.onmessage = eras.deliver;
  wire.onerror = (error) => answerUnreadable(stdout, error);
  stdin.once('end', finish).once('close', finish);
  // The error listener stays: a pipe that broke may say so late, and nobody else listens.
  stdout.on('error', stop).once('close', stop);
  signal?.addEventListener('abort', finish, { once: true });
  await wire.start();
  if (signal?.aborted || stdin.readableEnded || stdin.destroyed) finish();

  await done;
  signal?.removeEventListener('abort', finish);
  stdin.off('end', finish).off('close', finish);
  stdout.off('close', stop);
}

const nothing = (): void => {};

/** The core, with each running call and read kept in `calls`. */
function tracked(core: ToolCore, calls: Set<Promise<unknown>>): ToolCore {
  function track<T>(running: Promise<T>): Promise<T> {
    const forget = (): void => void calls.delete(settled);
    const settled: Promise<void> = running.then(forget, forget);
    calls.add(settled);
    return running;
  }
  const { resources, prompts } = core;
  return {
    ...core,
    call: (name, args, context) => track(core.call(name, args, context)),
    resources: {
      ...resources,
      list: () => track(resources.list()),
      read: (uri, context) => track(resources.read(uri, context)),
    },
    prompts: {
      ...prompts,
      get: (name, args, context) => track(prompts.get(name, args, context)),
    },
  };
}

/** Resolves when no call is left and its answer is written, or after `graceMs`. */
async function drained(
  calls: ReadonlySet<Promise<unknown>>,
  graceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const late = sleep(graceMs, 'late', { signal }).catch(() => 'late');
  await nextTurn();
  while (calls.size > 0) {
    if ((await Promise.race([Promise.all(calls), late])) === 'late') return;
    await nextTurn();
  }
}

/** The SDK drops a line it cannot read; whoever wrote it should hear why. */
function answerUnreadable(stdout: Writable, error: Error): void {
  if (error.name === 'SyntaxError') {
    const why = 'Parse error: the line is not JSON. Send one JSON-RPC 2.0 message a line.';
    write(stdout, new RpcError(PARSE_ERROR, why));
  } else if (error.name === 'ZodError') {
    const why =
      'Invalid Request: a line must hold one JSON-RPC 2.0 message; batches are not taken.';
    write(stdout, new RpcError(INVALID_REQUEST, why));
  }
}

const write = (stdout: Writable, error: RpcError): void =>
  void writeLine(stdout, rpcErrorAnswer(error));

async function writeLine(stdout: Writable, line: string): Promise<void> {
  stdout.write(`${line}\n`);
}
