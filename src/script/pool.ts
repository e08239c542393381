import { GatewayError } from '../errors.ts';
import type { Job, Reply } from './protocol.ts';

/** What a sandbox tells its pool. */
export interface SeatEvents {
  readonly onReady: () => void;
  readonly onReply: (reply: Reply) => void;
  /** Once, however it ended. */
  readonly onEnd: (cause: unknown) => void;
}

/** A sandbox of its own thread or process that runs one job at a time. */
export interface Seat {
  send(job: Job): void;
  /** Ends it now, whatever it does. */
  end(): Promise<void>;
  /** Whether it keeps this process alive. */
  hold(alive: boolean): void;
}

export interface PoolOptions {
  readonly open: (events: SeatEvents) => Seat;
  readonly seats: number;
  /** Jobs that may wait for a seat. */
  readonly waiting: number;
  /** Time beyond a job's own that a sandbox gets to stop by itself, milliseconds. */
  readonly graceMs: number;
  /** Whether a sandbox that replied so is of no more use. */
  readonly isSpent?: (reply: Reply) => boolean;
}

export interface Pool {
  /**
   * @throws GatewayError CANCELLED, SHUTTING_DOWN, SCRIPT_BUSY; SCRIPT_TIMEOUT when the sandbox hung,
   * SCRIPT_FAILED when it died
   */
  run(job: Job, signal?: AbortSignal): Promise<Reply>;
  close(): Promise<void>;
}

interface Task {
  readonly job: Job;
  readonly settle: (outcome: Reply | Error) => void;
}

interface Place {
  readonly seat: Seat;
  ready: boolean;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Opens sandboxes when they are needed, keeps them, and replaces those that hang or die. */
export function createPool(options: PoolOptions): Pool {
  const places = new Set<Place>();
  const ending = new Set<Promise<void>>();
  const queue: Task[] = [];
  let closed = false;

  function open(): Place {
    const place: Place = {
      ready: false,
      task: undefined,
      timer: undefined,
      seat: options.open({
        onReady() {
          place.ready = true;
          start(place);
        },
        onReply(reply) {
          if (reply.id !== place.task?.job.id) return;
          if (options.isSpent?.(reply)) end(place);
          finish(place, () => reply);
        },
        onEnd(cause) {
          places.delete(place);
          finish(place, (job) => (place.ready ? died(job, cause) : unstartable(job, cause)));
        },
      }),
    };
    places.add(place);
    return place;
  }

  /** A task given to a sandbox that still starts waits for it; its time has not begun then. */
  function start(place: Place): void {
    const { task, seat } = place;
    if (task === undefined || !place.ready) return;
    const { job } = task;
    place.timer = setTimeout(() => {
      end(place);
      finish(place, hung);
    }, job.timeoutMs + options.graceMs);
    seat.send(job);
  }

  function finish(place: Place, outcomeOf: (job: Job) => Reply | Error): void {
    clearTimeout(place.timer);
    const { task } = place;
    place.task = undefined;
    // One that is being ended keeps this process alive until it has ended.
    if (places.has(place)) place.seat.hold(false);
    task?.settle(outcomeOf(task.job));
    serve();
  }

  function serve(): void {
    while (queue.length > 0) {
      let place = [...places].find(({ task }) => task === undefined);
      if (place === undefined && places.size < options.seats) {
        try {
          place = open();
        } catch (cause) {
          const task = queue.shift();
          task?.settle(unstartable(task.job, cause));
          continue;
        }
      }
      if (place === undefined) return;
      place.task = queue.shift();
      place.seat.hold(true);
      start(place);
    }
  }

  function end(place: Place): void {
    places.delete(place);
    const ended = place.seat.end().finally(() => ending.delete(ended));
    ending.add(ended);
  }

  /** The caller went away: what runs is ended with its sandbox, what waits is taken out. */
  function abandon(task: Task, error: Error): void {
    const at = queue.indexOf(task);
    if (at !== -1) queue.splice(at, 1);
    const place = [...places].find((candidate) => candidate.task === task);
    if (place === undefined) task.settle(error);
    else {
      end(place);
      finish(place, () => error);
    }
  }

  return {
    run: (job, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(cancelled(signal.reason));
        if (closed) return reject(shuttingDown());
        if (queue.length >= options.waiting) return reject(busy(queue.length));
        const onAbort = () => abandon(task, cancelled(signal?.reason));
        const task: Task = {
          job,
          settle(outcome) {
            signal?.removeEventListener('abort', onAbort);
            if (outcome instanceof Error) reject(outcome);
            else resolve(outcome);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(task);
        serve();
      }),
    async close() {
      closed = true;
      for (const task of queue.splice(0)) task.settle(shuttingDown());
      for (const place of [...places]) {
        end(place);
        finish(place, shuttingDown);
      }
      await Promise.all(ending);
    },
  };
}

const nameOf = ({ sources }: Job): string => sources.at(-1)?.name ?? '';

function hung(job: Job): GatewayError {
  return new GatewayError(
    'SCRIPT_TIMEOUT',
    `The script "${nameOf(job)}" ran longer than ${job.timeoutMs} ms and was ended. Raise management.scripting.timeout if it needs more.`,
  );
}

function died(job: Job, cause: unknown): GatewayError {
  const message = `The sandbox of the script "${nameOf(job)}" died while it ran.`;
  return new GatewayError('SCRIPT_FAILED', message, {}, cause);
}

function unstartable(job: Job, cause: unknown): GatewayError {
  const message = `The sandbox of the script "${nameOf(job)}" could not be started. The log says why.`;
  return new GatewayError('SCRIPT_FAILED', message, {}, cause);
}

const busy = (waiting: number): GatewayError =>
  new GatewayError(
    'SCRIPT_BUSY',
    `${waiting} scripts wait to be run already. Try again in a moment.`,
  );

const cancelled = (reason: unknown): GatewayError =>
  new GatewayError('CANCELLED', 'The caller went away.', {}, reason);

const shuttingDown = (): GatewayError =>
  new GatewayError('SHUTTING_DOWN', 'The gateway is shutting down. Try again shortly.');
