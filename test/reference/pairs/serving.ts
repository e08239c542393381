import type { TestContext } from 'node:test';
import { StartError } from '../../../src/gateway/gateway.ts';
import { type RawAnswer, rpc, sendRaw } from '../../support/agent.ts';
import { type Outline, outlined } from '../../support/compile.ts';
import { startGateway, type TestGatewayOptions } from '../../support/gateway.ts';
import { type Sent, send } from '../../support/http.ts';
import { type Handler, type Reply, startUpstream } from '../../support/upstream.ts';
import { answered, ECHO, NOTHING, received, told } from './notation.ts';
import type { Exchange } from './pair.ts';

/** An outline, or a document written whole whose consumed API is at http://upstream.invalid. */
type Setup = (Outline & { readonly rest?: object }) | { readonly document: object };

interface Served {
  rest(path: string, sent?: Sent): Promise<Exchange>;
  tool(args?: object, name?: string): Promise<Exchange>;
  message(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Exchange>;
}

const ok: Reply = { body: ECHO, headers: { 'content-type': 'application/json' } };

/** Serves a setup over a consumed API that gives one answer; each method asks once. */
export async function serve(
  t: TestContext,
  setup: Setup,
  { reply = ok, ...options }: TestGatewayOptions & { readonly reply?: Reply | Handler } = {},
): Promise<Served> {
  const upstream = await startUpstream(
    t,
    typeof reply === 'function' ? reply : (_request, response) => answer(response, reply),
  );
  const { rest, mcp } = await startGateway(t, textOf(setup), {
    upstream: upstream.origin,
    ...options,
  });
  const seen = (caller: string): Exchange => ({ upstream: received(upstream.requests), caller });
  const message = async (
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Exchange> => seen(told((await sendRaw(mcp, body, headers)) as RawAnswer));
  return {
    rest: async (path, sent) => seen(answered(await send(rest, path, sent))),
    tool: (args = {}, name = 'tool') => message(rpc('tools/call', { name, arguments: args })),
    message,
  };
}

/** Asks a REST route once. */
export const overRest = async (
  t: TestContext,
  setup: Setup,
  path: string,
  sent: Sent = {},
  options: Parameters<typeof serve>[2] = {},
): Promise<Exchange> => (await serve(t, setup, options)).rest(path, sent);

/** Calls a tool once. */
export const overMcp = async (
  t: TestContext,
  setup: Setup,
  args: object = {},
  options: Parameters<typeof serve>[2] = {},
): Promise<Exchange> => (await serve(t, setup, options)).tool(args);

/** The codes a start is refused for. */
export async function refused(t: TestContext, setup: Setup): Promise<Exchange> {
  const outcome = await serve(t, setup).catch((error: unknown) => error);
  if (!(outcome instanceof StartError)) throw new Error('it started');
  const errors = outcome.findings.filter(({ severity }) => severity === 'error');
  const codes = [...new Set(errors.map(({ code }) => code))];
  return { upstream: NOTHING, caller: `start refused, ${codes.join(', ')}` };
}

function textOf(setup: Setup): string {
  if ('document' in setup) return JSON.stringify(setup.document);
  const { rest = {}, ...outline } = setup;
  const text = outlined({ baseUri: 'http://upstream.invalid', ...outline });
  const document = JSON.parse(text) as { capability: { exposes: object[] } };
  Object.assign(document.capability.exposes[0] as object, rest);
  return JSON.stringify(document);
}

function answer(response: Parameters<Handler>[1], { status = 200, headers = {}, body }: Reply) {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body as string | undefined);
}

/** An answer of the consumed API in JSON. */
export const json = (body: unknown, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
