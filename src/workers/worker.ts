import cluster from 'node:cluster';
import { servedBy } from '../admin/served.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ToPrimary, ToWorker, Welcome } from './messages.ts';

/** What a worker has to do with the process that started it. */
export interface Channel {
  readonly welcome: Welcome;
  /** Metrics of all workers. */
  metrics(): Promise<string>;
  ready(gateway: Gateway): void;
  /** The command is to end with this status; why has been said. */
  refused(status: number): void;
  /** Resolves with the reason when this worker is to stop. */
  untilStopped(): Promise<string>;
  /** Nothing is to be said or heard any more. */
  leave(): void;
}

/** Whether this process is a worker, and not a command of its own. */
export const isWorker = (): boolean => cluster.isWorker;

/** Reports to the primary process and hears what there is to know before the start. */
export async function connectToPrimary(): Promise<Channel> {
  const asked = new Map<number, (text: string) => void>();
  let requests = 0;
  let counted: Metrics | undefined;
  let welcomed = (_: Welcome): void => {};
  let stop = (_: string): void => {};
  const welcome = new Promise<Welcome>((resolve) => {
    welcomed = resolve;
  });
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'welcome':
        welcomed(message);
        break;
      case 'stop':
        stop('asked to stop');
        break;
      case 'snapshot':
        void answerSnapshot(message.request, counted);
        break;
      case 'metrics':
        asked.get(message.request)?.(message.text);
        asked.delete(message.request);
    }
  });
  // Without the primary nobody would end this process, nor take its place.
  process.on('disconnect', () => stop('the primary process is gone'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  // A terminal sends it to all processes of the command; the primary passes on what it means.
  process.on('SIGINT', () => {});
  tell({ kind: 'hello' });
  return {
    welcome: await welcome,
    metrics: () =>
      new Promise((resolve) => {
        requests += 1;
        asked.set(requests, resolve);
        tell({ kind: 'metrics', request: requests });
      }),
    ready(gateway) {
      counted = gateway.metrics;
      tell({ kind: 'ready', served: servedBy(gateway) });
    },
    refused: (status) => tell({ kind: 'refused', status }),
    untilStopped: () => stopped,
    leave: () => {
      if (process.connected) process.disconnect();
    },
  };
}

function tell(message: ToPrimary): void {
  // The primary may be gone, and then nobody minds.
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

async function answerSnapshot(request: number, counted: Metrics | undefined): Promise<void> {
  tell({ kind: 'snapshot', request, snapshot: (await counted?.snapshot()) ?? [] });
}
