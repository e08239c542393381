import { createMeter, type Meter } from './meter.ts';

/** What a gateway measures. Labels are names of the files, never what callers send. */
export interface Meters {
  /** Requests that were led to a route or a forward: namespace, method, route. */
  readonly routes: Meter;
  /** Calls of MCP tools: namespace, tool. */
  readonly tools: Meter;
  /** Requests to consumed APIs: namespace, operation. */
  readonly upstream: Meter;
}

export function createMeters(): Meters {
  return {
    routes: createMeter({
      total: {
        name: 'naftiko_rest_requests_total',
        help: 'Requests to REST routes, by the class of their status; "gone" where the caller left.',
      },
      duration: {
        name: 'naftiko_rest_request_duration_seconds',
        help: 'From the head of a request to the end of its answer.',
      },
      running: { name: 'naftiko_rest_requests_in_flight', help: 'REST requests being answered.' },
      labels: ['namespace', 'method', 'route'],
      outcomeLabel: 'status',
      outcomes: ['gone', '1xx', '2xx', '3xx', '4xx', '5xx'],
    }),
    tools: createMeter({
      total: {
        name: 'naftiko_tool_calls_total',
        help: 'Calls of MCP tools: "error" answers with isError, "asked" with questions, "refused" with a JSON-RPC error.',
      },
      duration: {
        name: 'naftiko_tool_call_duration_seconds',
        help: 'From the message that calls a tool to its result.',
      },
      running: { name: 'naftiko_tool_calls_in_flight', help: 'Calls of MCP tools being answered.' },
      labels: ['namespace', 'tool'],
      outcomeLabel: 'outcome',
      outcomes: ['ok', 'error', 'asked', 'refused', 'cancelled'],
    }),
    upstream: createMeter({
      total: {
        name: 'naftiko_upstream_requests_total',
        help: 'Requests to consumed APIs, by the class of their status or by what went wrong.',
      },
      duration: {
        name: 'naftiko_upstream_request_duration_seconds',
        help: 'To the end of an answer that is held, to the head of one that is handed on.',
      },
      running: {
        name: 'naftiko_upstream_requests_in_flight',
        help: 'Requests to consumed APIs that wait for an answer.',
      },
      labels: ['namespace', 'operation'],
      outcomeLabel: 'status',
      outcomes: [
        ...['1xx', '2xx', '3xx', '4xx', '5xx'],
        ...['timeout', 'unreachable', 'unusable', 'cancelled'],
      ],
    }),
  };
}
