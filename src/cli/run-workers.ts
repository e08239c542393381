import { type AdminAddress, AdminError, type AdminServer, openAdmin } from '../admin/server.ts';
import { type Status, secondsSince, UNREADY } from '../admin/status.ts';
import { advertised } from '../gateway/advertised.ts';
import { redisUrl } from '../gateway/sharing.ts';
import { stateKey } from '../gateway/state-key.ts';
import type { Log } from '../log.ts';
import { aggregate } from '../metrics/aggregate.ts';
import type { Family } from '../metrics/families.ts';
import { version } from '../version.ts';
import { type Crew, startCrew } from '../workers/primary.ts';
import type { RunFlags } from './run-flags.ts';
import { logOf } from './run-log.ts';
import type { Terminal } from './terminal.ts';

const STOP_TIMEOUT_MS = 10_000;

/** The primary process of `--workers`: it serves nothing but the admin port, and keeps the others going. */
export async function runWorkers(
  count: number,
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  const { log } = logOf(flags, terminal);
  const report = reportOf(log, flags, terminal);
  const key = stateKey(flags);
  // Before any worker says the same.
  redisUrl(flags);
  advertised(flags);
  let crew: Crew | undefined;
  let draining = false;
  const startedAt = Date.now();
  const state = (): Status['state'] => {
    if (draining) return 'draining';
    return crew?.seats().some((seat) => seat.state === 'ready') ? 'ready' : 'starting';
  };
  const metrics = async () =>
    aggregate((await crew?.snapshots()) ?? [], crew === undefined ? [] : familiesOf(crew));
  let admin: AdminServer | undefined;
  try {
    admin =
      flags.admin &&
      (await openAdmin(flags.admin, {
        unready: () => UNREADY[state()],
        metrics,
        status: () => ({ ...statusOf(crew, startedAt), state: state() }),
      }));
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    report.failed(error.message);
    return 1;
  }
  crew = startCrew({
    count,
    stateKey: key,
    metrics: flags.admin !== undefined,
    stopTimeout: flags.stopTimeout ?? STOP_TIMEOUT_MS,
    log,
    metricsText: async () => (await metrics()).text,
  });
  if (admin !== undefined) report.admin(admin);
  void terminal.untilStopped().then((reason) => {
    draining = true;
    report.stopping(reason);
    crew.stop();
  });
  const { status, why } = await crew.ended;
  if (why !== undefined) report.failed(why);
  await admin?.close();
  return status;
}

function statusOf(crew: Crew | undefined, startedAt: number): Omit<Status, 'state'> {
  return {
    version,
    node: process.version,
    startedAt: new Date(startedAt).toISOString(),
    uptimeSeconds: secondsSince(startedAt),
    ...(crew?.served() ?? { files: [], leftOut: [], listeners: [] }),
    workers: (crew?.seats() ?? []).map(({ number, pid, state, since, restarts }) => ({
      worker: number,
      pid,
      state,
      uptimeSeconds: secondsSince(since),
      restarts,
    })),
  };
}

const familiesOf = (crew: Crew): readonly Family[] => [
  {
    name: 'naftiko_workers',
    help: 'Processes that are to serve, by their state.',
    type: 'gauge',
    samples: () =>
      (['starting', 'ready', 'dead'] as const).map((state) => ({
        value: crew.seats().filter((seat) => seat.state === state).length,
        labels: { state },
      })),
  },
  {
    name: 'naftiko_worker_restarts_total',
    help: 'Workers that took the place of one that died.',
    type: 'counter',
    samples: () => [
      { value: crew.seats().reduce((sum, { restarts }) => sum + restarts, 0), labels: {} },
    ],
  },
];

interface Report {
  admin(address: AdminAddress): void;
  failed(why: string): void;
  stopping(reason: string): void;
}

/** In words or as lines of the log, as the workers do it. */
function reportOf(log: Log, { logFormat, logLevel }: RunFlags, { err }: Terminal): Report {
  if (logFormat === 'json') {
    return {
      admin: ({ host, port }) => log.info({ host, port }, 'admin port listening'),
      failed: (why) => log.error({}, why),
      stopping: (reason) => log.info({ reason }, 'stopping'),
    };
  }
  const say = logLevel === 'silent' ? () => {} : err;
  return {
    admin: ({ host, port }) =>
      say(`admin  http://${host.includes(':') ? `[${host}]` : host}:${port}/status`),
    failed: (why) => err(`naftiko: ${why}`),
    stopping: (reason) => say(`\n${reason}: stopping; running requests may end first.`),
  };
}
