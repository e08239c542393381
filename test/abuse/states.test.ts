import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRounds } from '../../src/mcp/state.ts';
import type { Json } from '../../src/plan/plan.ts';
import { asking } from '../mcp/asking-tools.ts';
import { input, serveMcp, tool, toolset } from '../mcp/toolbox.ts';
import { sendRaw } from '../support/agent.ts';
import { bounded } from '../support/http.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';

const KEY = 'a secret that several gateways share, long enough';
const ROOTS = { roots: [{ uri: 'file:///home' }] };

/** A server whose tools ask once, and remember something that nobody is to see. */
async function serveAsking(t: TestContext, name: string, now: () => number = Date.now) {
  const runs: string[] = [];
  const tools = toolset(
    ['ask', 'other'].map((each) => asking(tool(each, [input('item', 'string')]))),
  );
  const served = await serveMcp(
    t,
    { ...tools, name },
    {
      rounds: createRounds({ key: KEY, now }),
      run: async (plan, _values, { dialogue }) => {
        if (dialogue?.answers.who === undefined) {
          const questions = { who: { method: 'roots/list', params: {} } } as const;
          return { kind: 'ask', questions, earlier: { secret: 'hush' } };
        }
        runs.push(plan.definition.name);
        return { kind: 'value', value: { ...dialogue.earlier } as Json, status: 200 };
      },
    },
    ({ headers }) => (typeof headers.from === 'string' ? { principal: headers.from } : {}),
  );
  return { url: served.url, runs };
}

interface Call {
  readonly name?: string;
  readonly item?: string;
  readonly from?: string;
  readonly state?: unknown;
}

async function call(url: string, { name = 'ask', item = 'a', from = 'ada', state }: Call) {
  const round = state === undefined ? {} : { requestState: state, inputResponses: { who: ROOTS } };
  const params = { name, arguments: { item }, ...round };
  const body = modern('tools/call', params, 1, {
    'io.modelcontextprotocol/clientCapabilities': { roots: {} },
  });
  const answer = await sendRaw(url, body, { ...modernHeaders('tools/call', name), from });
  return { text: answer.text, ...JSON.parse(answer.text) };
}

test('a state is worth nothing to another caller, tool, argument or server', bounded, async (t) => {
  let now = Date.now();
  const one = await serveAsking(t, 'one', () => now);
  const two = await serveAsking(t, 'two');
  const { result, text } = await call(one.url, {});
  const state: string = result.requestState;
  assert.doesNotMatch(text + Buffer.from(state, 'base64url').toString('latin1'), /hush/);
  const foreign: readonly [string, Call][] = [
    [one.url, { state, from: 'eve' }],
    [one.url, { state, from: '' }],
    [one.url, { state, name: 'other' }],
    [one.url, { state, item: 'b' }],
    [two.url, { state }],
    ...['', 'x', `${state}x`, state.slice(1), state.slice(0, -1), state.toUpperCase(), `${state}=`]
      .concat('A'.repeat(2_000_000), Buffer.alloc(100).toString('base64url'), '\u0000', 'é')
      .map((changed): [string, Call] => [one.url, { state: changed }]),
    ...[7, true, null, [state], { state }].map((odd): [string, Call] => [one.url, { state: odd }]),
  ];
  for (const [url, given] of foreign) {
    const refused = await call(url, given);
    // What is no text at all is no state: the client is asked.
    if (refused.error === undefined) assert.equal(refused.result.resultType, 'input_required');
    else assert.equal(refused.error.code, -32602, JSON.stringify(given).slice(0, 80));
    assert.doesNotMatch(refused.text, /hush/);
    assert.ok(refused.text.length < 2_000);
  }
  assert.deepEqual([one.runs, two.runs], [[], []]);
  // The same call may come again, as it may be made again; later than that it is over.
  for (const _ of [1, 2]) assert.ok((await call(one.url, { state })).result.structuredContent);
  now += 11 * 60_000;
  assert.match((await call(one.url, { state })).error.message, /has expired/);
  assert.equal(one.runs.length, 2);
});
