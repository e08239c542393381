/** What `/status` tells of a gateway, whatever number of processes it is. */
export interface Status {
  readonly version: string;
  readonly node: string;
  readonly state: 'starting' | 'ready' | 'draining';
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  /** Of the capabilities that are served. */
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
  readonly listeners: readonly ListenerStatus[];
  /** One for each process that serves. */
  readonly workers: readonly WorkerStatus[];
}

export interface ListenerStatus {
  readonly host: string;
  readonly port: number;
  /** Namespaces. */
  readonly rest: readonly string[];
  readonly mcp: readonly string[];
}

export interface WorkerStatus {
  readonly worker: number;
  readonly pid: number | undefined;
  readonly state: 'starting' | 'ready' | 'dead';
  readonly uptimeSeconds: number;
  readonly restarts: number;
}

export const secondsSince = (milliseconds: number): number =>
  Math.round((Date.now() - milliseconds) / 100) / 10;

/** Why no request should come, by state. */
export const UNREADY: Readonly<Record<Status['state'], string | undefined>> = {
  starting: 'The gateway is starting.',
  ready: undefined,
  draining: 'The gateway is shutting down.',
};
