import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability, whole } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { jsonBody, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

type Values = Readonly<Record<string, unknown>>;

const operations = {
  find: {
    route: 'GET /items/{kind}',
    parameters: [
      { name: 'kind', in: 'path', type: 'string', required: true },
      { name: '$select', in: 'query', type: 'string' },
      { name: 'limit', in: 'query', type: 'integer' },
      { name: 'ratio', in: 'query', type: 'number' },
      { name: 'all', in: 'query', type: 'boolean' },
      { name: 'tags', in: 'query', type: 'array' },
      { name: 'X-Trace', in: 'header', type: 'string' },
    ],
    output: whole,
  },
  name: {
    route: 'GET /names/{kind}',
    consumed: 'GET /items/{kind}',
    parameters: [{ name: 'kind', in: 'path', type: 'string', required: true }],
    output: [
      {
        type: 'object',
        mapping: '$',
        properties: {
          path: { type: 'string', mapping: '$.url' },
          list: { type: 'array', mapping: '$.list' },
          first: { type: 'number', mapping: '$.list[0]' },
          none: { type: 'string', mapping: '$.no.such' },
        },
      },
    ],
  },
  make: {
    route: 'POST /items',
    parameters: [{ name: 'payload', in: 'body', type: 'string', required: true }],
  },
  fill: {
    route: 'PUT /items/{id}',
    parameters: [
      { name: 'id', in: 'path', type: 'integer', required: true },
      { name: 'name', in: 'body', type: 'string', required: true },
      { name: 'size', in: 'body', type: 'integer' },
      { name: 'more', in: 'body', type: 'object' },
    ],
  },
};

const PLACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  find: { kind: 'path', 'X-Trace': 'header' },
  name: { kind: 'path' },
  make: { payload: 'whole' },
  fill: { id: 'path', name: 'body', size: 'body', more: 'body' },
};

/** Gives inputs to a REST route as a client would that knows where each belongs. */
async function overRest(rest: string, operation: string, values: Values): Promise<unknown> {
  const { route } = operations[operation as keyof typeof operations];
  const [method, template] = route.split(' ') as [string, string];
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  let path = template;
  let body: unknown;
  for (const [name, value] of Object.entries(values)) {
    const place = PLACES[operation]?.[name] ?? 'query';
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(String(value)));
    else if (place === 'header') headers[name] = String(value);
    else if (place === 'whole') body = value;
    else if (place === 'body') fields[name] = value;
    else for (const item of [value].flat()) query.append(name, String(item));
  }
  if (operation === 'fill') body = fields;
  const sent = body === undefined ? { method } : jsonBody(body, method);
  const answer = await send(rest, `${path}?${query}`, {
    ...sent,
    headers: { ...headers, ...sent.headers },
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json();
}

async function overMcp(client: Client, operation: string, values: Values): Promise<unknown> {
  const result = await client.callTool({ name: operation, arguments: { ...values } });
  assert.ok(!result.isError, textOf(result));
  const value: unknown = JSON.parse(textOf(result));
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  assert.deepEqual(result.structuredContent, isObject ? value : { result: value });
  return value;
}

/** The same numbers in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return function random() {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const TEXTS = [
  'a',
  'a b',
  'a/b',
  '%2F',
  '..x',
  'Zoë ☃ 😀',
  '1',
  'true',
  '?&=#+',
  '{{x}}',
  '"',
  '[x]',
];
const NUMBERS = [0, -1, 7, 1.5, 2 ** 53 - 1];
const JSONS: readonly unknown[] = [
  {},
  [],
  [1, null, 'x'],
  { a: { b: [true, null] }, 'k 1': 'v&1', __proto: 1 },
  { text: 'Zoë ☃ 😀', n: 1e21 },
];

test('the same inputs give the same value on both faces, and the same request upstream', async (t) => {
  const upstream = await startUpstream(t, ({ method, url, headers, body }, response) => {
    response.setHeader('content-type', 'application/json');
    const trace = headers['x-trace'];
    response.end(JSON.stringify({ method, url, body, trace, list: [1, 2.5, 'x'], none: null }));
  });
  const { rest, mcp } = await startGateway(t, capability({ operations }), {
    upstream: upstream.origin,
  });
  const client = await connectAgent(t, mcp);
  const random = createRandom(7);
  const one = <Item>(items: readonly Item[]): Item =>
    items[Math.floor(random() * items.length)] as Item;
  const maybe = (name: string, value: unknown): Values => (random() < 0.5 ? { [name]: value } : {});
  const draw: Readonly<Record<string, () => Values>> = {
    find: () => ({
      kind: one(TEXTS),
      ...maybe('$select', one(['', ...TEXTS])),
      ...maybe('limit', one([0, 7, -3])),
      ...maybe('ratio', one(NUMBERS)),
      ...maybe('all', random() < 0.5),
      ...maybe('tags', [one(TEXTS), one(TEXTS)]),
      ...maybe('X-Trace', one(['a', 'a b', '1', '{{x}}'])),
    }),
    name: () => ({ kind: one(TEXTS) }),
    make: () => ({ payload: one(JSONS) }),
    fill: () => ({
      id: one([0, 1, 2 ** 53 - 1]),
      name: one(TEXTS),
      ...maybe('size', one([0, 5])),
      ...maybe('more', one(JSONS.filter((json) => !Array.isArray(json)))),
    }),
  };
  for (const operation of Object.keys(operations)) {
    for (let round = 0; round < 25; round += 1) {
      const values = draw[operation]?.() ?? {};
      const told = `${operation} ${JSON.stringify(values)}`;
      const value = await overRest(rest, operation, values);
      assert.deepEqual(await overMcp(client, operation, values), value, told);
      const [first, second] = upstream.requests.slice(-2);
      assert.deepEqual(second?.bytes.toString(), first?.bytes.toString(), told);
      assert.equal(second?.headers['content-type'], first?.headers['content-type']);
    }
  }
});

test('what one face refuses, the other refuses for the same reasons', async (t) => {
  const upstream = await startUpstream(t, {});
  const { rest, mcp } = await startGateway(t, capability({ operations }), {
    upstream: upstream.origin,
  });
  const client = await connectAgent(t, mcp);
  const answer = await send(rest, '/items/x?', jsonBody({ size: 'big', more: [1] }, 'PUT'));
  const result = await client.callTool({
    name: 'fill',
    arguments: { id: 'x', size: 'big', more: [1] },
  });
  const { violations } = answer.json() as { violations: { input: string; message: string }[] };
  assert.deepEqual(
    violations.map(({ input, message }) => `${input}: ${message}`),
    [
      'id: must be an integer, not "x"',
      'name: is required and was not given',
      'size: must be an integer, not "big"',
      'more: must be an object, not a list',
    ],
  );
  for (const { input, message } of violations) {
    assert.ok(textOf(result).includes(`- ${input}: ${message}`), textOf(result));
  }
  assert.equal(upstream.requests.length, 0);
});
