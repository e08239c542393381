// Plain JavaScript, because this process starts without the loader that reads TypeScript.
/**
 * A process that runs Python in Pyodide. Pyodide is no sandbox: Python reaches JavaScript objects
 * through it, and through them whatever its process can do. So the process is started such that it
 * can do nothing: Node's permission model takes files, processes and threads away, code cannot be
 * made from text, there is no environment, and the network is taken out below, before Pyodide loads.
 *
 * @import { Job, Reply, Stop } from './protocol.ts'
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

const LONGEST_DETAIL = 1000;
const PAGE_BYTES = 65_536;
const send = /** @type {(message: unknown) => void} */ (process.send?.bind(process));

/** Bytes that Python's memory has grown by since it was ready, and may have grown by. */
let grown = 0;
let allowed = Number.POSITIVE_INFINITY;
/** @type {string[]} */
let printed = [];

cutOff();
const { loadPyodide } = await import(/** @type {string} */ (process.argv[2]));
const python = await loadPyodide({
  jsglobals: Object.create(null),
  env: {},
  stdin: () => null,
  stdout: print,
  stderr: print,
});
const tools = python.runPython(`
def _tools():
    import builtins, json
    loads, dumps = json.loads, json.dumps
    errors = {n for n in dir(builtins) if isinstance(getattr(builtins, n), type)}
    def begin(context):
        return {"__name__": "__main__", "__builtins__": builtins, "context": loads(context)}
    def end(scope):
        return dumps(scope["result"], allow_nan=False) if "result" in scope else None
    def known(name):
        return name in errors
    return begin, end, known
_tools()
`);
const [begin, end, known] = tools;

process.on('message', (/** @type {Job} */ job) => send(run(job)));
grown = 0;
/** @type {typeof import('./protocol.ts').READY} */
const ready = 'ready';
send(ready);

/**
 * @param {Job} job
 * @returns {Reply}
 */
function run(job) {
  const names = job.sources.map(({ name }) => name);
  let script = names.at(-1) ?? '';
  printed = [];
  allowed = job.memoryBytes;
  let scope;
  try {
    scope = begin(job.context);
    for (const { name, text } of job.sources) {
      script = name;
      python.runPython(text, { globals: scope, filename: name });
    }
  } catch (error) {
    return { id: job.id, ...failure(error, script, names), printed };
  }
  return { id: job.id, ...result(scope, script, job), printed };
}

/**
 * @param {unknown} scope
 * @param {string} script
 * @param {Job} job
 * @returns {{ kind: Reply['kind'], script?: string, json?: string, detail?: string }}
 */
function result(scope, script, { resultCharacters }) {
  /** @type {string | undefined} */
  let json;
  try {
    json = end(scope);
  } catch (error) {
    return { kind: 'unusable', script, detail: String(error).slice(-LONGEST_DETAIL) };
  }
  if (json === undefined || json === null) return { kind: 'result' };
  return json.length > resultCharacters ? { kind: 'size', script } : { kind: 'result', json };
}

/**
 * @param {unknown} error
 * @param {string} current
 * @param {readonly string[]} names
 */
function failure(error, current, names) {
  const { type = '', message = String(error) } =
    /** @type {{ type?: string, message?: string }} */ (error) ?? {};
  /** @type {Record<string, Stop>} */
  const limits = { MemoryError: 'memory', RecursionError: 'stack' };
  // What is not of Python's own kind broke its machine.
  const broken = error instanceof RangeError ? 'stack' : 'memory';
  const stop = type === '' ? broken : (limits[type] ?? 'threw');
  const places = [...message.matchAll(/File "([\w./-]+)", line (\d{1,7})/g)];
  const isOurs = (/** @type {RegExpMatchArray} */ [, file = '']) => names.includes(file);
  const outermost = places.find(isOurs);
  const place = places.findLast(isOurs);
  return {
    kind: stop,
    script: place?.[1] ?? current,
    ...(place === undefined ? {} : { line: Number(place[2]) }),
    ...(known(type) ? { error: type } : {}),
    // Without the frames of Pyodide itself.
    detail: message.slice(outermost?.index).trim().slice(-LONGEST_DETAIL),
  };
}

/** @param {string} line */
function print(line) {
  if (printed.length < 100) printed.push(line.slice(0, 1000));
}

/** Takes away what the permission model leaves: the network, signals, memory without end. */
function cutOff() {
  function refuse() {
    throw new Error('not available to scripts');
  }
  const require = createRequire(import.meta.url);
  const cut = (/** @type {Record<string, unknown>} */ holder) => {
    for (const name of Object.keys(holder)) {
      if (typeof holder[name] === 'function') Reflect.set(holder, name, refuse);
    }
  };
  // All are loaded before one is cut: they build on each other.
  const modules = ['net', 'tls', 'dgram', 'dns', 'http', 'https', 'http2', 'child_process'].map(
    (name) => require(`node:${name}`),
  );
  const { Socket, Server } = require('node:net');
  Reflect.set(Socket.prototype, 'connect', refuse);
  Reflect.set(Server.prototype, 'listen', refuse);
  for (const module of [...modules, require('node:dns').promises]) cut(module);
  syncBuiltinESMExports();
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'BroadcastChannel', 'Worker'])
    Reflect.deleteProperty(globalThis, name);
  Reflect.set(process, 'kill', refuse);
  Reflect.set(process, 'dlopen', refuse);
  // All that Pyodide asks of it are the constants, which the permission model would refuse.
  const { constants } = require('node:fs');
  Reflect.set(process, 'binding', () => ({ fs: constants }));
  // The types of Node leave this global out.
  const memory = /** @type {any} */ (globalThis).WebAssembly.Memory.prototype;
  const { grow } = memory;
  memory.grow = function (/** @type {number} */ pages) {
    if (grown + pages * PAGE_BYTES > allowed) throw new RangeError('no memory left');
    grown += pages * PAGE_BYTES;
    return grow.call(this, pages);
  };
}
