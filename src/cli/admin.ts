import { servedBy } from '../admin/served.ts';
import type { AdminAddress, AdminServer } from '../admin/server.ts';
import { type Status, secondsSince, UNREADY } from '../admin/status.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { version } from '../version.ts';

/** The admin port of one process that serves alone. */
export interface Admin extends AdminServer {
  serves(gateway: Gateway): void;
  drains(): void;
}

/** @throws AdminError when the port cannot be opened */
export async function openOwnAdmin(address: AdminAddress | undefined): Promise<Admin | undefined> {
  if (address === undefined) return undefined;
  const { openAdmin } = await import('../admin/server.ts');
  const startedAt = Date.now();
  let state: Status['state'] = 'starting';
  let gateway: Gateway | undefined;
  const server = await openAdmin(address, {
    unready: () => UNREADY[state],
    async metrics() {
      const { metrics } = gateway ?? {};
      if (metrics === undefined) throw new Error('Nothing is counted before the start is over.');
      return { contentType: metrics.contentType, text: await metrics.text() };
    },
    status: (): Status => ({
      version,
      node: process.version,
      state,
      startedAt: new Date(startedAt).toISOString(),
      uptimeSeconds: secondsSince(startedAt),
      ...(gateway === undefined ? { files: [], leftOut: [], listeners: [] } : servedBy(gateway)),
      workers: [
        {
          worker: 1,
          pid: process.pid,
          state: state === 'starting' ? 'starting' : 'ready',
          uptimeSeconds: secondsSince(startedAt),
          restarts: 0,
        },
      ],
    }),
  });
  return {
    ...server,
    serves(started) {
      gateway = started;
      state = 'ready';
    },
    drains() {
      state = 'draining';
    },
  };
}
