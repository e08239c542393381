import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { ControlPlan } from '../plan/plan.ts';
import { sendProblem } from '../rest/problem.ts';

/** One expose as operators see it. */
export interface Adapter {
  readonly type: 'rest' | 'mcp' | 'skill' | 'control';
  readonly namespace?: string;
  /** The port it really listens on; absent for stdio. */
  readonly port?: number;
  readonly transport?: 'http' | 'stdio';
  readonly state: 'started' | 'stopped' | 'draining';
}

export interface ControlOptions {
  /** Version of the gateway. */
  readonly version: string;
  /** The capabilities that are served: each by its label and the version of the language it is in. */
  readonly capabilities: readonly { readonly label: string; readonly specVersion: string }[];
  /** Every expose as it is now. One on stdio counts as started while it serves. */
  readonly adapters: () => readonly Adapter[];
  /** True once the gateway has begun to stop. */
  readonly draining: () => boolean;
  readonly mask: (text: string) => string;
  /** What is counted, as a text for scrapers; there when the plan has metrics. */
  readonly metrics?: MetricsText | undefined;
  /** When the gateway started, and now: milliseconds on one clock. */
  readonly startedAt: number;
  readonly now?: () => number;
}

export interface MetricsText {
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/** Answers a request to an endpoint of the plan and says true; false leaves it to others. */
export type ControlHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Health and status for operators. It is served until the very end: who asks whether the gateway is
 * ready must hear that it is not, so its listener closes last and is not told that it stops.
 */
export function createControlHandler(plan: ControlPlan, options: ControlOptions): ControlHandler {
  const { now = Date.now, mask } = options;

  const ready = (): Answer => {
    const adapters = options.adapters();
    const draining = options.draining();
    const up = !draining && adapters.every(isReady);
    const reason = draining ? 'The gateway is shutting down.' : 'Not every expose is started.';
    return {
      status: up ? 200 : 503,
      body: { status: up ? 'UP' : 'DEGRADED', ...(up ? {} : { reason }), adapters },
    };
  };
  const status = (): Answer => {
    const [only, ...others] = options.capabilities;
    return {
      status: 200,
      body: {
        ...(others.length === 0 ? { capability: only } : { capabilities: options.capabilities }),
        engine: { name: 'naftiko-gateway', version: options.version, node: process.version },
        uptime: durationOf(now() - options.startedAt),
        adapters: options.adapters(),
      },
    };
  };
  const endpoints = new Map<string, () => Answer | Promise<Answer>>();
  if (plan.health) {
    endpoints.set('/health/live', () => ({ status: 200, body: { status: 'UP' } }));
    endpoints.set('/health/ready', ready);
  }
  if (plan.info) endpoints.set('/status', status);
  const { metrics } = options;
  if (plan.metrics && metrics !== undefined) {
    const { contentType, text } = metrics;
    endpoints.set('/metrics', async () => ({ status: 200, contentType, body: await text() }));
  }

  return function handleControl(request, response) {
    const path = (request.url ?? '').split('?', 1)[0] as string;
    const endpoint = endpoints.get(path.replace(/(?<=.)\/$/, ''));
    if (endpoint === undefined) return false;
    if (request.method === 'GET' || request.method === 'HEAD') {
      void reply(request, response, endpoint, mask);
    } else refuseMethod(request, response, mask);
    return true;
  };
}

interface Answer {
  readonly status: number;
  readonly contentType?: string;
  /** An object goes as JSON. */
  readonly body: object | string;
}

const isReady = ({ type, state }: Adapter): boolean => type === 'control' || state === 'started';

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: () => Answer | Promise<Answer>,
  mask: (text: string) => string,
): Promise<void> {
  try {
    send(request, response, await endpoint(), mask);
  } catch (thrown) {
    sendProblem(response, toGatewayError(thrown), mask);
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType = 'application/json; charset=utf-8', body }: Answer,
  mask: (text: string) => string,
): void {
  const text = mask(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function refuseMethod(
  request: IncomingMessage,
  response: ServerResponse,
  mask: (text: string) => string,
): void {
  const allow = ['GET', 'HEAD', 'OPTIONS'];
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { allow: allow.join(', ') });
    response.end();
    return;
  }
  const message = `${request.method} is not served here: this endpoint is read only.`;
  sendProblem(response, new GatewayError('METHOD_NOT_ALLOWED', message, { allow }), mask);
}

/** Milliseconds as an ISO 8601 duration: `PT2H34M12.345S`. */
function durationOf(milliseconds: number): string {
  const total = Math.max(0, Math.round(milliseconds));
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor(total / 60_000) % 60;
  const seconds = (total % 60_000) / 1_000;
  return `PT${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds}S`;
}
