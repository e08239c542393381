import { createHash } from 'node:crypto';
import type { ResourcePlan } from '../plan/plan.ts';
import { isInputRequired, plainContext } from './conversation.ts';
import type { McpEvents } from './events.ts';
import type { ResourceCore } from './resources.ts';
import { matchUri } from './uri-template.ts';

/** Resources that are looked after at once; more are not watched until another is let go. */
const MOST_WATCHED = 1_000;
/** Resources that are read at once. */
const MOST_READING = 4;
/** After failures a resource is looked at ever less often, down to this many times its interval. */
const SLOWEST = 32;
const LONGEST_MS = 60 * 60_000;

export interface Watch {
  /** Lets go of everything, and stops what is being read. */
  close(): void;
}

interface Watched {
  timer: NodeJS.Timeout | undefined;
  digest: string | undefined;
  /** In a row. */
  failures: number;
}

/**
 * Looks after the resources that are declared to be watched and that somebody wants to hear of: reads
 * each now and then, and tells when it has become another. Failed reads are told by the core.
 */
export function createWatch(
  plans: readonly ResourcePlan[],
  resources: ResourceCore,
  events: McpEvents,
): Watch {
  const closing = new AbortController();
  const watched = new Map<string, Watched>();
  const waiting: (() => void)[] = [];
  let reading = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (reading >= MOST_READING) await new Promise<void>((go) => waiting.push(go));
    else reading += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) reading -= 1;
      else next();
    }
  }

  async function digestOf(uri: string): Promise<string> {
    const read = await resources.read(uri, plainContext(closing.signal));
    if (isInputRequired(read)) throw new TypeError('A resource that asks cannot be watched.');
    return createHash('sha256').update(JSON.stringify(read.contents)).digest('base64');
  }

  async function look(uri: string, state: Watched): Promise<void> {
    const isHeld = (): boolean => watched.get(uri) === state && !closing.signal.aborted;
    try {
      const digest = await inTurn(async () => (isHeld() ? digestOf(uri) : undefined));
      if (!isHeld() || digest === undefined) return;
      const changed = state.digest !== undefined && state.digest !== digest;
      state.digest = digest;
      state.failures = 0;
      if (changed) events.emit({ kind: 'resourceUpdated', uri });
    } catch {
      state.failures += 1;
    }
  }

  function lookAgain(uri: string, state: Watched, everyMs: number): void {
    if (watched.get(uri) !== state) return;
    const pause = Math.min(everyMs * Math.min(2 ** state.failures, SLOWEST), LONGEST_MS);
    state.timer = setTimeout(
      () => void look(uri, state).then(() => lookAgain(uri, state, everyMs)),
      Math.max(pause, everyMs),
    );
    state.timer.unref();
  }

  function begin(uri: string): void {
    const everyMs = intervalOf(plans, uri);
    if (everyMs === undefined || watched.has(uri) || watched.size >= MOST_WATCHED) return;
    const state: Watched = { timer: undefined, digest: undefined, failures: 0 };
    watched.set(uri, state);
    // What it is now is what the subscriber can read; the next looks compare with that.
    void look(uri, state).then(() => lookAgain(uri, state, everyMs));
  }

  function end(uri: string): void {
    clearTimeout(watched.get(uri)?.timer);
    watched.delete(uri);
  }

  const unlisten = plans.some(isWatched)
    ? events.onWanted((uri, wanted) => (wanted ? begin(uri) : end(uri)))
    : () => {};
  return {
    close() {
      unlisten();
      closing.abort();
      for (const uri of [...watched.keys()]) end(uri);
      for (const go of waiting.splice(0)) go();
    },
  };
}

const isWatched = (plan: ResourcePlan): boolean =>
  plan.kind === 'dynamic' && plan.watchMs !== undefined;

/** Fixed URIs first, as they are read. */
function intervalOf(plans: readonly ResourcePlan[], uri: string): number | undefined {
  let found: number | undefined;
  for (const plan of plans) {
    if (plan.kind !== 'dynamic') continue;
    const { template, definition, watchMs } = plan;
    if (template === undefined && definition.uri === uri) return watchMs;
    if (template !== undefined && found === undefined && matchUri(template, uri) !== undefined) {
      found = watchMs;
    }
  }
  return found;
}
