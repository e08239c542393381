import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { ERRORS, type ErrorCode, GatewayError } from '../../src/errors.ts';
import type {
  SendOptions,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
} from '../../src/plan/plan.ts';
import { createUpstreamClient, type UpstreamOptions } from '../../src/upstream/client.ts';
import type { Closer } from '../support/upstream.ts';

/** A client that ends with the test. */
export function startClient(t: Closer, options: UpstreamOptions = {}): UpstreamClient {
  const client = createUpstreamClient(options);
  t.after(async () => {
    const graceful = client.close();
    await client.close();
    await graceful;
  });
  return client;
}

export const held: SendOptions = { hold: true, redirects: 0 };
export const taken: SendOptions = { hold: false, redirects: 0 };

/** A GET whose path and header hold what no message may show. */
export function get(origin: string, path = '/secret-path?key=secret-query'): UpstreamRequest {
  return { origin, method: 'GET', path, headers: ['x-api-key', 'secret-header'] };
}

export async function bodyText({ body }: UpstreamResponse): Promise<string> {
  return (Buffer.isBuffer(body) ? body : await buffer(body)).toString('utf8');
}

/** Waits for a failure, checks its code, status and words, and that it gives nothing away. */
export async function failsWith(
  promise: Promise<unknown>,
  code: ErrorCode,
  words: RegExp,
): Promise<GatewayError> {
  const error = await promise.then(
    () => assert.fail(`expected ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatewayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.equal(error.status, ERRORS[code].status);
  assert.match(error.message, words);
  assert.doesNotMatch(error.message, /secret/);
  return error;
}
