import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import type { GatewayError } from '../../src/errors.ts';
import { HANDSHAKES } from '../../src/mcp/hot-request.ts';
import type { McpHandlerOptions } from '../../src/mcp/http.ts';
import { initialize, type RawAnswer, sendRaw } from '../support/agent.ts';
import { messages, type Sent } from './hot-messages.ts';
import { hotTools, runHotTool, SPELLED } from './hot-tools.ts';
import { bounded, serveMcp } from './toolbox.ts';

interface Side {
  readonly send: (sent: Sent) => Promise<RawAnswer>;
  readonly hot: () => number;
  readonly failures: string[];
}

/** A gateway, with a session of its own. */
async function openSide(t: TestContext, options: Partial<McpHandlerOptions>): Promise<Side> {
  const failures: string[] = [];
  const onFailure = ({ code, message }: GatewayError, tool?: string): void =>
    void failures.push(`${tool} ${code} ${message}`);
  const scopes = new Set(['items:write']);
  const { url, handler } = await serveMcp(
    t,
    hotTools,
    { run: runHotTool, maxAnswer: { characters: 1_000 }, onFailure, ...options },
    ({ headers }) => (headers.limited === undefined ? {} : { scopes }),
  );
  const opened = await sendRaw(url, initialize());
  const id = String(opened.headers['mcp-session-id']);
  return {
    hot: handler.hot,
    failures,
    async send({ body, headers, session = false }) {
      const own = session ? { 'mcp-session-id': id } : {};
      const answer = await sendRaw(url, body, { ...own, ...headers });
      const { date, ...others } = answer.headers;
      // How a body is framed says nothing; what it is told by length needs no pieces.
      const { 'content-length': _, 'transfer-encoding': __, ...told } = others;
      const given = told['mcp-session-id'];
      const named =
        given === undefined ? {} : { 'mcp-session-id': given === id ? 'own' : 'another' };
      return { ...answer, headers: { ...told, ...named } };
    },
  };
}

/** The same, whatever the spelling of what is structured. */
function meaning(text: string): unknown {
  return JSON.parse(text.replace(/^event: message\ndata: /, ''));
}

async function compare(t: TestContext, all: readonly Sent[], options: Partial<McpHandlerOptions>) {
  const hot = await openSide(t, options);
  const slow = await openSide(t, { ...options, hot: false });
  for (const sent of all) {
    const before = hot.hot();
    const [one, other] = [await hot.send(sent), await slow.send(sent)];
    const isSpelled = [...SPELLED].some((name) => sent.what.includes(name));
    const [text, ...rest] = isSpelled
      ? [meaning(one.text), meaning(other.text)]
      : [one.text, other.text];
    assert.deepEqual({ ...one, text }, { ...other, text: rest[0] }, sent.what);
    if (sent.hot !== undefined) assert.equal(hot.hot() - before, sent.hot ? 1 : 0, sent.what);
    assert.deepEqual(hot.failures.splice(0), slow.failures.splice(0), sent.what);
  }
  assert.equal(slow.hot(), 0);
  return hot.hot();
}

test('with and without the SDKs each message has the same answer', bounded, async (t) => {
  const all = messages();
  assert.ok(all.length > 400);
  const hot = await compare(t, all, {});
  assert.ok(hot > all.length / 2 && hot < all.length, `${hot} of ${all.length}`);
});

test('the same for callers of few scopes, lists in pages, and private ones', bounded, async (t) => {
  const few = messages()
    .filter(({ what }) => /scoped|list|cursor|modern/.test(what))
    .map((sent) => ({ ...sent, headers: { ...sent.headers, limited: 'yes' } }));
  await compare(t, few, { pageSize: 7, private: true, listTtlMs: 5 });
});

test('the revisions with a handshake are those of the SDK', () => {
  const versions = [...HANDSHAKES].filter(Boolean);
  assert.deepEqual(versions.sort(), [...SUPPORTED_PROTOCOL_VERSIONS].sort());
});
