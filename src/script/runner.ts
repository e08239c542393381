import { GatewayError } from '../errors.ts';
import type { Json } from '../plan/plan.ts';
import { openJavaScript } from './javascript.ts';
import type { ScriptPlan } from './plan.ts';
import { createPool, type Pool, type SeatEvents } from './pool.ts';
import type { Job, Reply } from './protocol.ts';
import { openPython } from './python.ts';
import { failureOf } from './reply.ts';

export interface ScriptRunnerOptions {
  /** Sandboxes for JavaScript that may run at once; 2 unless said. Python has one. */
  readonly seats?: number;
  /** Scripts that may wait for a sandbox; more are refused with SCRIPT_BUSY. 1000 unless said. */
  readonly waiting?: number;
  /** Characters of JSON text that a result may have; 8 million unless said. */
  readonly resultCharacters?: number;
  /** Gets what scripts print, line by line. May hold values, secrets among them: mask it. */
  readonly onPrint?: (script: string, line: string) => void;
  /** What to import for Python: a package name or a file URL. `pyodide` unless said. */
  readonly python?: string;
}

export interface ScriptRunner {
  /**
   * The script's `result`; undefined when it did not set one. `context` is the script's only input.
   *
   * @throws GatewayError when the script fails, meets a limit, or cannot be run now
   * @throws GatewayError CANCELLED when `signal` aborts, SHUTTING_DOWN after `close`
   */
  run(script: ScriptPlan, context: Json, signal?: AbortSignal): Promise<Json | undefined>;
  /** Ends all sandboxes; what runs or waits is rejected. */
  close(): Promise<void>;
}

/** Deeper values overflow the stack of whoever writes them, clients' parsers give up earlier. */
const DEEPEST = 200;

/** No sandbox is started before the first script runs. */
export function createScriptRunner(options: ScriptRunnerOptions = {}): ScriptRunner {
  const pools = new Map<ScriptPlan['language'], Pool>();
  const { resultCharacters = 8_000_000, waiting = 1000, python = 'pyodide' } = options;
  const javascriptPool = { open: openJavaScript, seats: options.seats ?? 2, waiting, graceMs: 500 };
  const pythonPool = {
    open: (events: SeatEvents) => openPython(python, events),
    seats: 1,
    waiting,
    graceMs: 0,
    // Memory is never given back, and a Python that ran out of stack is broken.
    isSpent: ({ kind }: Reply) => kind === 'memory' || kind === 'stack',
  };
  let closed = false;
  let jobs = 0;

  function poolOf(language: ScriptPlan['language']): Pool {
    let pool = pools.get(language);
    if (pool === undefined) {
      pool = createPool(language === 'python' ? pythonPool : javascriptPool);
      if (closed) void pool.close();
      pools.set(language, pool);
    }
    return pool;
  }

  return {
    async run(script, context, signal) {
      const job: Job = {
        id: ++jobs,
        sources: script.sources,
        context: JSON.stringify(context),
        resultCharacters,
        ...script.limits,
      };
      const reply = await poolOf(script.language).run(job, signal);
      for (const line of reply.printed) options.onPrint?.(nameOf(script), line);
      return resultOf(script, reply, job);
    },
    async close() {
      closed = true;
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function resultOf(script: ScriptPlan, reply: Reply, job: Job): Json | undefined {
  if (reply.kind !== 'result') throw failureOf(nameOf(script), reply.kind, reply, job);
  if (reply.json === undefined) return undefined;
  if (nests(reply.json) > DEEPEST) throw failureOf(nameOf(script), 'stack', reply, job);
  try {
    return JSON.parse(reply.json) as Json;
  } catch (cause) {
    const message = `The script "${nameOf(script)}" gave no JSON.`;
    throw new GatewayError('SCRIPT_FAILED', message, {}, cause);
  }
}

/** How deep arrays and objects are nested in a JSON text. */
function nests(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (quoted) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) quoted = false;
    } else if (character === QUOTE) quoted = true;
    else if (character === BRACKET || character === BRACE) deepest = Math.max(deepest, ++depth);
    else if (character === BRACKET + 2 || character === BRACE + 2) depth -= 1;
  }
  return deepest;
}

const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];

const nameOf = ({ sources }: ScriptPlan): string => sources.at(-1)?.name ?? '';
