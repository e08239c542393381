import { toGatewayError } from '../errors.ts';
import type { UpstreamClient, UpstreamResponse } from '../plan/plan.ts';
import { begin, type Meter, type Row } from './meter.ts';

/** A client that measures what goes through it, by the operation that each request is of. */
export function measuredClient(client: UpstreamClient, meter: Meter): UpstreamClient {
  // Targets are names of the files, so there are no more rows than operations.
  const rows = new Map<string | undefined, Row>();

  function rowOf(target: string | undefined): Row {
    const known = rows.get(target);
    if (known !== undefined) return known;
    const row = meter.row(...namesOf(target));
    rows.set(target, row);
    return row;
  }

  return {
    close: () => client.close(),
    send(request, options) {
      const end = begin(meter, rowOf(request.target));
      const sent = client.send(request, options);
      sent.then(
        (response) => end(classOf(response)),
        (thrown) => end(failureOf(thrown)),
      );
      return sent;
    },
  };
}

/** `namespace.operation`; a request that is of none is one of the gateway's own, for a credential. */
function namesOf(target = ''): readonly [namespace: string, operation: string] {
  const dot = target.indexOf('.');
  return dot === -1 ? [target, ''] : [target.slice(0, dot), target.slice(dot + 1)];
}

const classOf = ({ status }: UpstreamResponse): number =>
  Math.min(Math.max(Math.floor(status / 100), 1), 5) - 1;

const TIMEOUT = 5;
const UNREACHABLE = 6;
const UNUSABLE = 7;
const CANCELLED = 8;

function failureOf(thrown: unknown): number {
  switch (toGatewayError(thrown).code) {
    case 'CANCELLED':
      return CANCELLED;
    case 'UPSTREAM_TIMEOUT':
      return TIMEOUT;
    case 'UPSTREAM_UNREACHABLE':
    case 'SHUTTING_DOWN':
      return UNREACHABLE;
    default:
      return UNUSABLE;
  }
}
