import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Log } from '../log.ts';
import { lasting } from '../metrics/lasting.ts';
import type { Snapshot } from '../metrics/metrics.ts';
import type { Served, ToPrimary, ToWorker } from './messages.ts';

export interface CrewOptions {
  readonly count: number;
  /** Workers seal with it what clients keep; one is made when there is none. */
  readonly stateKey: string | undefined;
  /** Workers count, whatever their files say. */
  readonly metrics: boolean;
  /** Milliseconds that workers take to stop at most. */
  readonly stopTimeout: number;
  readonly log: Log;
  /** Asked for by a worker, for its control expose. */
  readonly metricsText: () => Promise<string>;
}

/** One of the workers, or where one is to be. */
export interface Seat {
  readonly number: number;
  readonly state: 'starting' | 'ready' | 'dead';
  readonly pid: number | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** How often another one took the place of one that died. */
  readonly restarts: number;
}

export interface Crew {
  /** Resolves with an exit status and, where it is not for having been stopped, with why. */
  readonly ended: Promise<{ readonly status: number; readonly why?: string }>;
  seats(): readonly Seat[];
  /** What the first worker that was ready serves. */
  served(): Served | undefined;
  /** What each worker has counted, and what those had that are gone. */
  snapshots(): Promise<readonly Snapshot[]>;
  stop(): void;
}

interface Place {
  readonly number: number;
  state: Seat['state'];
  since: number;
  restarts: number;
  /** Deaths in a row of those that had only begun. */
  early: number;
  worker: Worker | undefined;
  refused: number | undefined;
  snapshot: Snapshot;
  timer: NodeJS.Timeout | undefined;
}

/** One that dies so soon may have died of how it was started. */
const STEADY_MS = 10_000;
const MOST_EARLY = 5;
const LONGEST_PAUSE_MS = 30_000;
/** Longer than workers need to break off what runs past their own stop timeout. */
const KILL_AFTER_MS = 5_000;
const ANSWER_MS = 1_000;

/**
 * Starts workers of this command and keeps their number: the first one alone until it is ready, so that
 * what is wrong is said once, then the others.
 */
export function startCrew(options: CrewOptions): Crew {
  const { count, log } = options;
  const key = options.stateKey ?? randomBytes(32).toString('base64');
  const folder = mkdtempSync(path.join(tmpdir(), 'naftiko-'));
  const places = Array.from({ length: count }, (_, at): Place => newPlace(at + 1));
  const waiting = new Map<number, (snapshot: Snapshot) => void>();
  let gone: Snapshot = [];
  let served: Served | undefined;
  let freePorts: readonly number[] | undefined;
  let requests = 0;
  let ending: { readonly status: number; readonly why?: string } | undefined;
  let finish = (_: { readonly status: number; readonly why?: string }): void => {};
  const ended = new Promise<{ readonly status: number; readonly why?: string }>((resolve) => {
    finish = resolve;
  });

  // Which worker takes a connection is left to the system: nothing stands between, and one that is
  // busy takes none. Node's own variable may say otherwise.
  if (process.env.NODE_CLUSTER_SCHED_POLICY === undefined)
    cluster.schedulingPolicy = cluster.SCHED_NONE;

  function fork(place: Place): void {
    // No worker holds the free ports any more: the system would give others.
    if (served !== undefined && places.every(({ worker }) => worker === undefined))
      freePorts = served.listeners.map(({ port }) => port);
    for (const name of readdirSync(folder))
      if (name.startsWith(`${place.number}-`)) rmSync(path.join(folder, name), { force: true });
    const worker = cluster.fork();
    Object.assign(place, { worker, state: 'starting', since: Date.now(), refused: undefined });
    worker.on('message', (message: ToPrimary) => hear(place, worker, message));
    worker.on('error', (error) =>
      log.warn({ worker: place.number, cause: String(error) }, 'A worker cannot be reached.'),
    );
    worker.on('exit', (code, signal) => bury(place, code, signal));
  }

  function hear(place: Place, worker: Worker, message: ToPrimary): void {
    switch (message.kind) {
      case 'hello':
        tell(worker, {
          kind: 'welcome',
          seat: place.number,
          count: options.count,
          speaks: served === undefined,
          stateKey: key,
          folder,
          ...(freePorts === undefined ? {} : { freePorts }),
          metrics: options.metrics,
        });
        if (ending !== undefined) tell(worker, { kind: 'stop' });
        break;
      case 'ready':
        place.state = 'ready';
        log.info({ worker: place.number, process: worker.process.pid }, 'A worker is ready.');
        if (served === undefined) {
          served = message.served;
          if (ending === undefined) for (const other of places) if (other !== place) fork(other);
        }
        break;
      case 'refused':
        place.refused = message.status;
        break;
      case 'snapshot':
        place.snapshot = message.snapshot;
        waiting.get(message.request)?.(message.snapshot);
        waiting.delete(message.request);
        break;
      case 'metrics':
        void options.metricsText().then((text) => {
          tell(worker, { kind: 'metrics', request: message.request, text });
        });
    }
  }

  function bury(place: Place, code: number | null, signal: string | null): void {
    const lived = Date.now() - place.since;
    gone = lasting(gone, place.snapshot);
    Object.assign(place, { worker: undefined, state: 'dead', since: Date.now(), snapshot: [] });
    if (ending !== undefined) {
      if (places.every(({ worker }) => worker === undefined)) close();
      return;
    }
    if (place.refused !== undefined && served === undefined) {
      end({ status: place.refused });
      return;
    }
    place.early = lived < STEADY_MS ? place.early + 1 : 0;
    const how = signal === null ? `status ${code}` : `${signal}`;
    log.warn({ worker: place.number, livedMs: lived, ended: how }, 'A worker has died.');
    const steady = places.some(
      ({ state, since }) => state === 'ready' && Date.now() - since >= STEADY_MS,
    );
    if (place.early >= MOST_EARLY && !steady) {
      end({
        status: 1,
        why: `Workers die as soon as they are started: number ${place.number} did ${MOST_EARLY} times in a row, the last time with ${how} after ${lived} ms. What they said before is above; without --workers the same happens in one process.`,
      });
      return;
    }
    const pause = place.early === 0 ? 0 : Math.min(100 * 2 ** (place.early - 1), LONGEST_PAUSE_MS);
    place.timer = setTimeout(() => {
      place.restarts += 1;
      fork(place);
    }, pause);
  }

  function end(why: { readonly status: number; readonly why?: string }): void {
    if (ending !== undefined) return;
    ending = why;
    for (const { timer } of places) clearTimeout(timer);
    const left = places.flatMap(({ worker }) => (worker === undefined ? [] : [worker]));
    for (const worker of left) tell(worker, { kind: 'stop' });
    if (left.length === 0) close();
    setTimeout(() => {
      for (const worker of left) worker.process.kill('SIGKILL');
    }, options.stopTimeout + KILL_AFTER_MS).unref();
  }

  function close(): void {
    rmSync(folder, { recursive: true, force: true });
    finish(ending ?? { status: 0 });
  }

  fork(places[0] as Place);
  return {
    ended,
    seats: () =>
      places.map(({ number, state, since, restarts, worker }) => ({
        ...{ number, state, since, restarts },
        pid: worker?.process.pid,
      })),
    served: () => served,
    async snapshots() {
      const answers = places.map(async (place) => {
        const { worker, state } = place;
        if (worker === undefined || state !== 'ready') return place.snapshot;
        requests += 1;
        const request = requests;
        const answer = new Promise<Snapshot>((resolve) => {
          waiting.set(request, resolve);
          // One that is too busy to answer has counted at least what it had when it last did.
          setTimeout(() => resolve(place.snapshot), ANSWER_MS).unref();
        });
        tell(worker, { kind: 'snapshot', request });
        return answer.finally(() => waiting.delete(request));
      });
      const living = await Promise.all(answers);
      return [gone, ...living];
    },
    stop: () => end({ status: 0 }),
  };
}

const newPlace = (number: number): Place => ({
  number,
  state: 'dead',
  since: Date.now(),
  restarts: 0,
  early: 0,
  worker: undefined,
  refused: undefined,
  snapshot: [],
  timer: undefined,
});

function tell(worker: Worker, message: ToWorker): void {
  // It may have died meanwhile; that is heard of elsewhere.
  if (worker.isConnected()) worker.send(message, () => {});
}
