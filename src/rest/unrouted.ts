import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { sendProblem } from './problem.ts';

type Mask = (text: string) => string;

/** Answers OPTIONS of a known path, and refuses any other method that it does not have. */
export function answerOtherMethod(
  response: ServerResponse,
  allow: readonly string[],
  mask: Mask,
): void {
  const { method } = response.req;
  if (method === 'OPTIONS') {
    response.writeHead(204, ['allow', allow.join(', ')]);
    response.end();
    return;
  }
  const message = `${method} is not served on this path; ${allow.join(', ')} are.`;
  sendProblem(response, new GatewayError('METHOD_NOT_ALLOWED', message, { allow }), mask);
}

export function refuseMalformedPath(response: ServerResponse, mask: Mask): void {
  const message =
    'The path holds a percent sign that begins no valid encoding. Write a percent sign as %25.';
  sendProblem(response, new GatewayError('REQUEST_INVALID', message), mask);
}

export function refuseUnknownPath(response: ServerResponse, path: string, mask: Mask): void {
  const message = `Nothing is served at ${path.slice(0, 200)}.`;
  sendProblem(response, new GatewayError('ROUTE_UNKNOWN', message), mask);
}
