import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { bounded, echoAndWait, echoAndWaitRunner, serveMcp } from './toolbox.ts';

const KEY = 'a key that two gateways have in common';
const DAY = 24 * 60 * 60_000;
const both = { accept: 'application/json, text/event-stream' };
const call = rpc('tools/call', { name: 'echo-item', arguments: { id: 7, select: 'a' } });

type Served = Awaited<ReturnType<typeof serveMcp>>;
type Headers = Readonly<Record<string, string>>;

async function openSession({ url }: Served, more: Headers = {}): Promise<Headers> {
  const answer = await sendRaw(url, initialize(), { ...both, ...more });
  assert.equal(answer.status, 200);
  return { ...both, ...more, 'mcp-session-id': String(answer.headers['mcp-session-id']) };
}

const options = (more: object = {}) => ({ ...echoAndWaitRunner(), sessionKey: KEY, ...more });

const statusOf = async ({ url }: Served, session: Headers): Promise<number> =>
  (await sendRaw(url, call, session)).status;

test(
  'a session goes on at another gateway, which calls its tools on the hot path',
  bounded,
  async (t) => {
    const one = await serveMcp(t, echoAndWait, options());
    const other = await serveMcp(t, echoAndWait, options());
    const session = await openSession(one);
    const answers = await Promise.all([1, 2, 3].map(() => sendRaw(other.url, call, session)));
    // Three requests of one id: one of them at a time is taken.
    assert.ok(answers.some(({ status }) => status === 200));
    assert.equal(other.handler.sessions(), 1);
    const before = other.handler.hot();
    const answer = await sendRaw(other.url, call, session);
    assert.match(answer.text, /"structuredContent":\{"got":\{"id":7,"\$select":"a"\}\}/);
    assert.equal(answer.headers['mcp-session-id'], session['mcp-session-id']);
    assert.equal(other.handler.hot(), before + 1);
    assert.equal((await sendRaw(other.url, rpc('tools/list'), session)).status, 200);
    assert.equal((await sendRaw(one.url, call, session)).status, 200);
    assert.equal(one.handler.sessions(), 1);
  },
);

test('it is of nobody else, of no other server, and no longer than a week', bounded, async (t) => {
  let now = 1_000_000;
  const principal = (req: { headers: Record<string, unknown> }) => ({
    principal: String(req.headers['x-who'] ?? ''),
  });
  const clock = { now: () => now };
  const one = await serveMcp(t, echoAndWait, options(clock), principal as never);
  const session = await openSession(one, { 'x-who': 'ann' });
  const other = await serveMcp(t, echoAndWait, options(clock), principal as never);
  const foreign = await serveMcp(
    t,
    { ...echoAndWait, name: 'others' },
    options(clock),
    principal as never,
  );
  const unlike = await serveMcp(
    t,
    echoAndWait,
    options({ ...clock, sessionKey: `${KEY}!` }),
    principal as never,
  );
  const unkeyed = await serveMcp(t, echoAndWait, echoAndWaitRunner(), principal as never);
  assert.equal(await statusOf(other, { ...session, 'x-who': 'bob' }), 404);
  for (const each of [foreign, unlike, unkeyed]) assert.equal(await statusOf(each, session), 404);
  const id = session['mcp-session-id'] as string;
  const wrong = `${id.slice(0, -6)}${id.at(-6) === 'A' ? 'B' : 'A'}${id.slice(-5)}`;
  assert.equal(await statusOf(other, { ...session, 'mcp-session-id': wrong }), 404);
  assert.equal(await statusOf(other, session), 200);
  now += 8 * DAY;
  assert.equal(await statusOf(other, session), 404);
});

test(
  'one that was unused for long goes on, one that its client ended does not',
  bounded,
  async (t) => {
    let now = 1_000_000;
    const one = await serveMcp(t, echoAndWait, options({ now: () => now }));
    const session = await openSession(one);
    now += DAY;
    assert.equal(await statusOf(one, session), 200);
    assert.equal((await sendRaw(one.url, undefined, session, 'DELETE')).status, 200);
    assert.equal(await statusOf(one, session), 404);
  },
);

test('a client who says much of itself gets an id that says nothing', bounded, async (t) => {
  const one = await serveMcp(t, echoAndWait, options());
  const other = await serveMcp(t, echoAndWait, options());
  const opening = initialize() as { readonly params: object };
  const capabilities = { experimental: { all: { text: 'x'.repeat(2_000) } } };
  const opened = await sendRaw(
    one.url,
    { ...opening, params: { ...opening.params, capabilities } },
    both,
  );
  const session = { ...both, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  assert.ok(String(session['mcp-session-id']).length < 50);
  assert.equal(await statusOf(one, session), 200);
  assert.equal(await statusOf(other, session), 404);
});
