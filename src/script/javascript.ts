import { Worker } from 'node:worker_threads';
import type { Seat, SeatEvents } from './pool.ts';
import { READY, type Reply } from './protocol.ts';

/** A thread with QuickJS in it. It has no environment, and nothing it prints reaches our own output. */
export function openJavaScript(events: SeatEvents): Seat {
  const worker = new Worker(new URL('./javascript-worker.mjs', import.meta.url), {
    env: {},
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  let cause: unknown;
  worker.on('message', (message: Reply | typeof READY) => {
    if (message === READY) events.onReady();
    else events.onReply(message);
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', () => events.onEnd(cause));
  return {
    send: (job) => worker.postMessage(job),
    async end() {
      await worker.terminate();
    },
    hold(alive) {
      if (alive) worker.ref();
      else worker.unref();
    },
  };
}
