import type { Status } from '../admin/status.ts';
import type { Snapshot } from '../metrics/metrics.ts';

/** What the primary process says to a worker. */
export type ToWorker =
  | ({ readonly kind: 'welcome' } & Welcome)
  | { readonly kind: 'stop' }
  | { readonly kind: 'snapshot'; readonly request: number }
  | { readonly kind: 'metrics'; readonly request: number; readonly text: string };

/** What a worker says to the primary process. */
export type ToPrimary =
  | { readonly kind: 'hello' }
  | { readonly kind: 'ready'; readonly served: Served }
  /** It cannot start, and has said why; the command ends with this status. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'snapshot'; readonly request: number; readonly snapshot: Snapshot }
  /** Asks for the metrics of all workers. */
  | { readonly kind: 'metrics'; readonly request: number };

/** What a worker must know before it starts. */
export interface Welcome {
  /** Its place among the workers, from 1; the one that takes the place of a dead one gets it too. */
  readonly seat: number;
  /** How many they are. */
  readonly count: number;
  /** It says what is served where: one of them is enough. */
  readonly speaks: boolean;
  readonly stateKey: string;
  /** Folder of the sockets that workers reach each other at. */
  readonly folder: string;
  /** Ports that were free when the first worker took them, by listener. */
  readonly freePorts?: readonly number[];
  readonly metrics: boolean;
}

/** What a worker serves, for the status. */
export type Served = Pick<Status, 'files' | 'leftOut' | 'listeners'>;
