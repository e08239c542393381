import type { Gateway } from '../gateway/gateway.ts';
import type { Status } from './status.ts';

export const servedBy = ({
  capabilities,
  listeners,
  leftOut,
}: Gateway): Pick<Status, 'files' | 'leftOut' | 'listeners'> => ({
  files: [...new Set(capabilities.map(({ file }) => file))],
  leftOut,
  listeners: listeners.map(({ host, port, mount }) => ({
    host,
    port,
    rest: mount.rest.map(({ plan }) => plan.namespace),
    mcp: mount.mcp.map(({ plan }) => plan.namespace),
  })),
});
