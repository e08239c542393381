import type { IncomingMessage, ServerResponse } from 'node:http';
import { normalOrigin } from '../guard.ts';

/**
 * What lets pages of other origins read our answers (Fetch standard, CORS protocol). Adds its
 * headers to an answer that has not begun; true when it has answered the request itself, a preflight.
 */
export type Cors = (request: IncomingMessage, response: ServerResponse) => boolean;

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** Credentials are never allowed, so `*` exposes every header; the names are for older clients. */
const EXPOSED = 'Mcp-Session-Id, WWW-Authenticate, *';
const PREFLIGHT_SECONDS = '600';

/**
 * For pages of the listed origins, `*` standing for all. Undefined when none is listed. The guard
 * has refused requests of foreign origins before; a loopback page that is not listed gets no leave
 * to read.
 */
export function createCors(allowedOrigins: readonly string[]): Cors | undefined {
  if (allowedOrigins.length === 0) return undefined;
  const every = allowedOrigins.includes('*');
  const origins = new Set(allowedOrigins.map(normalOrigin));

  return function answerCors({ headers, method }, response) {
    if (!every) response.setHeader('vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || (!every && !origins.has(normalOrigin(origin)))) return false;
    response.setHeader('access-control-allow-origin', every ? '*' : origin);
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
      response.setHeader('access-control-expose-headers', EXPOSED);
      return false;
    }
    const asked = headers['access-control-request-headers'];
    response.setHeader('access-control-allow-methods', METHODS);
    if (asked !== undefined) response.setHeader('access-control-allow-headers', asked);
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
    response.setHeader('vary', 'Origin, Access-Control-Request-Headers');
    response.writeHead(204);
    response.end();
    return true;
  };
}
