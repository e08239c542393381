// Plain JavaScript, because a thread starts without the loader that reads TypeScript.
/**
 * A thread that runs JavaScript in QuickJS. Each run has a WebAssembly instance of its own: nothing
 * of one run can reach the next, and a run that breaks its instance breaks nothing else. No host
 * function is ever given to a script; texts go in, texts come out.
 *
 * @import { Job, Reply, Stop } from './protocol.ts'
 * @import { QuickJSContext, QuickJSHandle, QuickJSWASMModule } from 'quickjs-emscripten'
 */
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { newQuickJSWASMModuleFromVariant, newVariant, RELEASE_SYNC } from 'quickjs-emscripten';

/** The engine asks its interrupt handler once in so many loop turns and calls. */
const STATEMENTS_PER_POLL = 10_000;
const STACK_BYTES = 256 * 1024;
const JOBS_PER_TURN = 1000;
const LONGEST_DETAIL = 1000;

// Evaluated before the script: keeps what the script could replace, and gives it a console.
const PRELUDE = `(() => {
  const { parse, stringify } = JSON;
  const text = String;
  const lines = [];
  const show = (value) => {
    if (typeof value === 'string') return value;
    try { return stringify(value) ?? text(value); } catch { return text(value); }
  };
  const print = (...values) => {
    if (lines.length >= 100) return;
    let line = '';
    for (let at = 0; at < values.length; at++) line += (at === 0 ? '' : ' ') + show(values[at]);
    lines[lines.length] = line.slice(0, 1000);
  };
  globalThis.console = { log: print, info: print, warn: print, error: print, debug: print };
  return { parse, stringify, lines };
})()`;

const KNOWN_ERRORS = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'EvalError',
  'URIError',
  'AggregateError',
]);

/** Thrown inside this file to end a run. */
class Stopped {
  /**
   * @param {Stop} kind
   * @param {Omit<Partial<Reply>, 'kind'>} [details]
   */
  constructor(kind, details = {}) {
    this.kind = kind;
    this.details = details;
  }
}

// The types of Node leave this global out.
const { WebAssembly } = /** @type {any} */ (globalThis);
/** @type {any} */
let compiled;

/** @returns {Promise<QuickJSWASMModule>} a fresh instance of the engine */
async function openEngine() {
  if (compiled === undefined) {
    /** @type {string | undefined} */
    let path;
    const locateFile = (/** @type {string} */ name, /** @type {string} */ folder) => {
      path = folder + name;
      return path;
    };
    const engine = await newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { locateFile }));
    if (path === undefined) return engine;
    compiled = await WebAssembly.compile(readFileSync(path));
  }
  return newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { wasmModule: compiled }));
}

/**
 * @param {QuickJSWASMModule} engine
 * @param {Job} job
 * @returns {Reply}
 */
function run(engine, job) {
  const run = startRun(engine, job);
  /** @type {Partial<Reply> & { kind: Reply['kind'] }} */
  let outcome;
  try {
    const json = evaluate(run, job);
    outcome = json === undefined ? { kind: 'result' } : { kind: 'result', json };
  } catch (thrown) {
    outcome = outcomeOf(thrown, run);
  }
  return { id: job.id, ...outcome, printed: run.printed() };
}

/**
 * @param {QuickJSWASMModule} engine
 * @param {Job} job
 */
function startRun(engine, job) {
  const names = job.sources.map(({ name }) => name);
  const last = names.at(-1) ?? '';
  const deadline = performance.now() + job.timeoutMs;
  /** @type {{ stop: 'time' | 'statements' | undefined, current: string }} */
  const state = { stop: undefined, current: last };
  let polls = -1;

  function isOver() {
    if (performance.now() > deadline) state.stop ??= 'time';
    return state.stop !== undefined;
  }
  const runtime = engine.newRuntime();
  runtime.setMemoryLimit(job.memoryBytes);
  runtime.setMaxStackSize(STACK_BYTES);
  runtime.setInterruptHandler(() => {
    polls += 1;
    if (polls * STATEMENTS_PER_POLL >= job.statements && polls > 0) state.stop ??= 'statements';
    return isOver();
  });
  const context = runtime.newContext();
  const prelude = context.unwrapResult(context.evalCode(PRELUDE, '', { type: 'global' }));
  const [parse, stringify, lines] = ['parse', 'stringify', 'lines'].map((name) =>
    context.getProp(prelude, name),
  );

  /** @returns {readonly string[]} */
  function printed() {
    if (state.stop !== undefined) return [];
    try {
      const result = context.callFunction(
        /** @type {QuickJSHandle} */ (stringify),
        context.undefined,
        /** @type {QuickJSHandle} */ (lines),
      );
      if (result.error) return [];
      const texts = JSON.parse(context.getString(result.value));
      return texts.filter((/** @type {unknown} */ text) => typeof text === 'string');
    } catch {
      return [];
    }
  }
  return {
    names,
    state,
    isOver,
    runtime,
    context,
    printed,
    parse: /** @type {QuickJSHandle} */ (parse),
    stringify: /** @type {QuickJSHandle} */ (stringify),
  };
}

/** @typedef {ReturnType<typeof startRun>} Run */

/**
 * @param {Run} run
 * @param {Job} job
 * @returns {string | undefined} the JSON text of `result`
 */
function evaluate(run, job) {
  const { context, state } = run;
  const size = job.sources.reduce((sum, { text }) => sum + text.length, job.context.length);
  // The engine does not look whether there is room for the texts that come from outside.
  if (size > job.memoryBytes / 4) throw new Stopped('memory', { script: state.current });
  const input = settle(
    run,
    context.callFunction(run.parse, context.undefined, context.newString(job.context)),
  );
  context.setProp(context.global, 'context', input);
  let completion = context.undefined;
  for (const { name, text } of job.sources) {
    state.current = name;
    completion = settle(run, context.evalCode(text, name, { type: 'global' }));
  }
  drain(run);
  fulfilled(run, completion);
  const found = settle(
    run,
    context.evalCode('typeof result === "undefined" ? undefined : result', '', { type: 'global' }),
  );
  return jsonOf(run, fulfilled(run, found), job.resultCharacters);
}

/**
 * @param {Run} run
 * @param {QuickJSHandle} result
 * @param {number} limit
 */
function jsonOf(run, result, limit) {
  const { context, state } = run;
  if (context.typeof(result) === 'undefined') return undefined;
  const written = context.callFunction(run.stringify, context.undefined, result);
  if (written.error) {
    const thrown = thrownBy(run, written.error);
    // An error of the script's own, in a getter or toJSON, has a line of the script.
    if (thrown.kind === 'threw' && thrown.details.line === undefined)
      throw new Stopped('unusable', { ...thrown.details, script: state.current });
    throw thrown;
  }
  drain(run);
  if (context.typeof(written.value) !== 'string') {
    const detail = `result is a ${context.typeof(result)}`;
    throw new Stopped('unusable', { script: state.current, detail });
  }
  const length = context.getNumber(context.getProp(written.value, 'length'));
  if (length > limit) throw new Stopped('size', { script: state.current });
  return context.getString(written.value);
}

/**
 * Runs what promises have queued until nothing is left.
 *
 * @param {Run} run
 */
function drain(run) {
  while (run.runtime.hasPendingJob()) {
    const done = run.runtime.executePendingJobs(JOBS_PER_TURN);
    if (done.error) throw thrownBy(run, done.error);
    if (run.isOver()) break;
  }
  if (run.state.stop !== undefined) throw new Stopped(run.state.stop, placeless(run));
}

/**
 * The value of a promise, and any other value as it is.
 *
 * @param {Run} run
 * @param {QuickJSHandle} handle
 */
function fulfilled(run, handle) {
  const promise = run.context.getPromiseState(handle);
  if (promise.type === 'pending') throw new Stopped('never', placeless(run));
  if (promise.type === 'rejected') throw thrownBy(run, promise.error);
  return promise.notAPromise ? handle : promise.value;
}

/**
 * @param {Run} run
 * @param {{ value: QuickJSHandle, error?: undefined } | { error: QuickJSHandle }} result
 */
function settle(run, result) {
  if (result.error) throw thrownBy(run, result.error);
  // The script may have caught what should have ended it.
  if (run.isOver()) throw new Stopped(run.state.stop ?? 'time', placeless(run));
  return result.value;
}

/** @param {Run} run */
const placeless = (run) => ({ script: run.state.current });

/**
 * What was thrown, as texts. Reading it may run code of the script, within the limits.
 *
 * @param {Run} run
 * @param {QuickJSHandle} error
 * @returns {Stopped}
 */
function thrownBy(run, error) {
  const { context, state } = run;
  const isObject = context.typeof(error) === 'object';
  const stack = isObject ? textAt(context, error, 'stack') : '';
  const place = placeIn(stack, run.names) ?? placeless(run);
  // The line where a loop was interrupted is that of the last call before it: no help.
  if (state.stop !== undefined) return new Stopped(state.stop, { script: place.script });
  const name = isObject ? textAt(context, error, 'name') : '';
  const message = isObject ? textAt(context, error, 'message') : '';
  if (run.isOver()) return new Stopped(state.stop ?? 'time', { script: place.script });
  if (name === 'InternalError')
    return new Stopped(message === 'stack overflow' ? 'stack' : 'memory', place);
  // There was no memory left even for the error.
  if (context.sameValue(error, context.null) && stack === '' && memoryIsShort(run))
    return new Stopped('memory', place);
  const said = isObject ? `${name}: ${message}` : `a ${context.typeof(error)} was thrown`;
  return new Stopped('threw', {
    ...place,
    ...(KNOWN_ERRORS.has(name) ? { error: name } : {}),
    detail: said.slice(0, LONGEST_DETAIL),
  });
}

/** @param {Run} run */
function memoryIsShort(run) {
  const probe = run.context.evalCode('new Array(1e5).fill(0); 0', '', { type: 'global' });
  return probe.error !== undefined;
}

/**
 * @param {QuickJSContext} context
 * @param {QuickJSHandle} handle
 * @param {string} name
 */
function textAt(context, handle, name) {
  const value = context.getProp(handle, name);
  return context.typeof(value) === 'string' ? context.getString(value).slice(0, 10_000) : '';
}

/**
 * The innermost place of a stack that lies in one of the sources.
 *
 * @param {string} stack
 * @param {readonly string[]} names
 */
function placeIn(stack, names) {
  for (const [, script = '', line] of stack.matchAll(/(?:\(| at )([\w./-]+):(\d{1,7})/g)) {
    if (names.includes(script)) return { script, line: Number(line) };
  }
  return undefined;
}

/**
 * @param {unknown} thrown
 * @param {Run} run
 * @returns {Partial<Reply> & { kind: Stop }}
 */
function outcomeOf(thrown, run) {
  if (thrown instanceof Stopped) return { kind: thrown.kind, ...thrown.details };
  const script = run.state.current;
  if (run.state.stop !== undefined) return { kind: run.state.stop, script };
  // The engine's own recursion, in nested data for example, ran out of the thread's stack.
  if (thrown instanceof RangeError) return { kind: 'stack', script };
  return { kind: 'memory', script, detail: String(thrown).slice(0, LONGEST_DETAIL) };
}

if (parentPort !== null) {
  const port = parentPort;
  let next = openEngine();
  await next;
  port.on('message', async (/** @type {Job} */ job) => {
    const engine = await next;
    port.postMessage(run(engine, job));
    next = openEngine();
  });
  /** @type {typeof import('./protocol.ts').READY} */
  const ready = 'ready';
  port.postMessage(ready);
}
