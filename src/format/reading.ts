import { Worker } from 'node:worker_threads';
import { GatewayError } from '../errors.ts';
import type { AnswerReaders, Json, ReadingPlan } from '../plan/plan.ts';
import { nameRoot } from './root.ts';
import { unreadable } from './unreadable.ts';

/** What is sent to a thread. */
export interface ReadingJob {
  readonly id: number;
  readonly reading: ReadingPlan;
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** What comes back: the tree as JSON text, or why there is none. */
export type ReadingReply =
  | { readonly id: number; readonly json: string; readonly root: string | undefined }
  | { readonly id: number; readonly why: string; readonly isFault: boolean };

export interface ReadersOptions {
  /** Answers of more bytes than this are read in a thread; 256 KiB unless said. */
  readonly threshold?: number;
  /** Threads at most; 2 unless said. */
  readonly threads?: number;
  /** Milliseconds that reading may take; 30,000 unless said. */
  readonly timeout?: number;
}

/** Reads in threads, which are started when there is something to read. */
export interface Readers extends AnswerReaders {
  close(): Promise<void>;
}

interface Task {
  readonly job: ReadingJob;
  readonly settle: (outcome: Json | Error) => void;
}

interface Seat {
  readonly worker: Worker;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** A thread that nobody needs gives its memory back. */
const IDLE_MS = 30_000;
const HEAP_MEBIBYTES = 1024;

export function createReaders(options: ReadersOptions = {}): Readers {
  const { threshold = 256 * 1024, threads = 2, timeout = 30_000 } = options;
  const seats = new Set<Seat>();
  const queue: Task[] = [];
  const ending = new Set<Promise<unknown>>();
  let closed = false;
  let jobs = 0;

  function open(): Seat {
    const seat: Seat = { worker: openWorker(), task: undefined, timer: undefined };
    let cause: unknown;
    seat.worker.on('message', (reply: ReadingReply) => {
      if (reply.id === seat.task?.job.id) finish(seat, outcomeOf(reply));
    });
    seat.worker.on('error', (error) => {
      cause = error;
    });
    seat.worker.on('exit', () => {
      seats.delete(seat);
      finish(seat, ended(seat.task, cause));
    });
    seats.add(seat);
    return seat;
  }

  function start(seat: Seat, task: Task): void {
    clearTimeout(seat.timer);
    seat.task = task;
    seat.worker.ref();
    seat.timer = setTimeout(() => {
      end(seat);
      finish(seat, unreadable(task.job.reading.format, 'it takes too long to read'));
    }, timeout);
    const { bytes } = task.job;
    seat.worker.postMessage(task.job, [bytes.buffer as ArrayBuffer]);
  }

  function finish(seat: Seat, outcome: Json | Error): void {
    const { task } = seat;
    if (task === undefined) return;
    clearTimeout(seat.timer);
    seat.task = undefined;
    if (seats.has(seat)) {
      seat.worker.unref();
      seat.timer = setTimeout(() => end(seat), IDLE_MS).unref();
    }
    task.settle(outcome);
    serve();
  }

  function serve(): void {
    while (queue.length > 0) {
      const idle = [...seats].find(({ task }) => task === undefined);
      if (idle === undefined && seats.size >= threads) return;
      start(idle ?? open(), queue.shift() as Task);
    }
  }

  function end(seat: Seat): void {
    clearTimeout(seat.timer);
    seats.delete(seat);
    const ended = seat.worker.terminate().finally(() => ending.delete(ended));
    ending.add(ended);
  }

  /** Nobody waits for it any more: what runs is ended with its thread. */
  function abandon(task: Task, why: Error): void {
    const at = queue.indexOf(task);
    if (at !== -1) queue.splice(at, 1);
    const seat = [...seats].find((candidate) => candidate.task === task);
    if (seat === undefined) task.settle(why);
    else {
      end(seat);
      finish(seat, why);
    }
  }

  return {
    threshold,
    read: (reading, bytes, contentType, signal) =>
      new Promise((resolve, reject) => {
        const cancel = (): void =>
          abandon(task, new GatewayError('CANCELLED', 'The caller went away.'));
        const task: Task = {
          // A copy of its own: a view would take all of the memory along that it is a part of.
          job: { id: ++jobs, reading, bytes: new Uint8Array(bytes), contentType },
          settle(outcome) {
            signal?.removeEventListener('abort', cancel);
            if (outcome instanceof Error) reject(outcome);
            else resolve(outcome);
          },
        };
        if (closed) return task.settle(stopping());
        if (signal?.aborted) return cancel();
        signal?.addEventListener('abort', cancel, { once: true });
        queue.push(task);
        serve();
      }),
    async close() {
      closed = true;
      const running = [...seats].flatMap(({ task }) => task ?? []);
      for (const task of [...queue.splice(0), ...running]) abandon(task, stopping());
      for (const seat of seats) end(seat);
      await Promise.all(ending);
    },
  };
}

function openWorker(): Worker {
  return new Worker(new URL('./reading-worker.mjs', import.meta.url), {
    workerData: { isSource: import.meta.url.endsWith('.ts') },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  });
}

function outcomeOf(reply: ReadingReply): Json | Error {
  if ('why' in reply) return reply.isFault ? new TypeError(reply.why) : new Error(reply.why);
  const tree = JSON.parse(reply.json) as Json;
  return reply.root === undefined ? tree : nameRoot(tree, reply.root);
}

function ended(task: Task | undefined, cause: unknown): Error {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (task !== undefined && code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return unreadable(task.job.reading.format, 'reading it takes too much memory');
  }
  return new TypeError('The thread that reads answers ended.', { cause });
}

const stopping = (): GatewayError =>
  new GatewayError('SHUTTING_DOWN', 'The gateway is shutting down. Try again shortly.');
