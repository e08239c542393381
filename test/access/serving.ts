import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AccessOptions, createAccessCheck } from '../../src/access/check.ts';
import type { InboundPlan } from '../../src/access/plan.ts';
import type { Closer } from '../support/upstream.ts';

/** What came back over the wire. */
export interface Reply {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** One for each WWW-Authenticate header. */
  readonly challenges: readonly string[];
}

export interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export type Ask = (call?: Call) => Promise<Reply>;

/** Serves 200 behind a check on a free port of 127.0.0.1, until the test ends. */
export async function serveBehind(
  t: Closer,
  plan: InboundPlan,
  options: AccessOptions = {},
): Promise<Ask> {
  const check = createAccessCheck(plan, options);
  const server = createServer(async (incoming, response) => {
    const refused = await check(incoming);
    if (refused !== undefined && refused.challenges.length > 0)
      response.setHeader('www-authenticate', refused.challenges);
    response.statusCode = refused?.status ?? 200;
    response.end(JSON.stringify({ code: refused?.code, message: refused?.message }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    if (server.listening) await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return ({ path = '/', method = 'GET', headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, path, method, agent: false });
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
      outgoing.on('error', reject);
      outgoing.on('response', async (incoming) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Partial<Reply>;
        resolve({
          status: incoming.statusCode ?? 0,
          code: body.code ?? '',
          message: body.message ?? '',
          challenges: incoming.headersDistinct['www-authenticate'] ?? [],
        });
      });
      outgoing.end();
    });
}

export const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
