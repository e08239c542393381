import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import { readJson } from '../../src/format/json.ts';
import type {
  AnswerPlan,
  CallStep,
  OperationPlan,
  Scope,
  SendOptions,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
} from '../../src/plan/plan.ts';
import { execute } from '../../src/runtime/execute.ts';

type Reply = Partial<UpstreamResponse> | GatewayError;

interface Sent {
  readonly request: UpstreamRequest;
  readonly options: SendOptions;
}

/** An upstream that answers in order and keeps what it was sent. */
function answering(...replies: readonly Reply[]): UpstreamClient & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    async send(request, options) {
      const reply = replies[sent.length] ?? {};
      sent.push({ request: request as UpstreamRequest, options });
      if (reply instanceof GatewayError) throw reply;
      return { status: 200, headers: [], body: Buffer.from('{}'), ...reply };
    },
    close: async () => {},
  };
}

const step = (name: string, build?: (scope: Scope) => string): CallStep => ({
  kind: 'call',
  name,
  target: `api.${name}`,
  method: 'GET',
  pathTemplate: `/${name}`,
  baseUri: 'https://api.example',
  redirects: 2,
  setCookie: false,
  format: 'json',
  read: readJson,
  build: (scope) => ({
    origin: 'https://api.example',
    method: 'GET',
    path: build?.(scope) ?? `/${name}`,
    headers: ['x-declared', 'file'],
  }),
});

const operation = (
  steps: readonly CallStep[],
  project?: (scope: Scope) => string | null,
): OperationPlan => {
  const answer: AnswerPlan =
    project === undefined ? { kind: 'identity' } : { kind: 'project', project };
  return { id: 'api.op', inputs: [], steps, answer };
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

test('an identity answer is handed on as it is, held only when it must be', async () => {
  const body = new Readable({ read() {} });
  const upstream = answering({ body, status: 418 }, {});
  const only = step('one');
  const outcome = await execute(operation([only]), {}, { upstream, hold: false });
  assert.equal(outcome.kind, 'answer');
  assert.equal(outcome.kind === 'answer' && outcome.response.body, body);
  assert.equal(outcome.kind === 'answer' && outcome.step, only);
  assert.deepEqual(upstream.sent[0]?.options, { hold: false, redirects: 2 });
  const { signal } = new AbortController();
  await execute(operation([only]), {}, { upstream, hold: true, signal });
  assert.deepEqual(upstream.sent[1]?.options, { hold: true, redirects: 2, signal });
});

test('a mapping shapes a 2xx with a body, and nothing else', async () => {
  const mapped = operation([step('one')], ({ steps }) => (steps.one as { a: string }).a);
  const reply = { status: 201, body: json({ a: 'x' }), headers: ['etag', '"1"'] };
  const upstream = answering(
    reply,
    { status: 404, body: json({ a: 'no' }) },
    { status: 204, body: Buffer.alloc(0) },
  );
  const context = { upstream, hold: false };
  const made = await execute(mapped, {}, context);
  assert.equal(made.kind, 'value');
  assert.equal(made.kind === 'value' && made.value, 'x');
  assert.equal(made.kind === 'value' && made.status, 201);
  assert.deepEqual(made.kind === 'value' && made.answered?.response.headers, reply.headers);
  assert.equal(upstream.sent[0]?.options.hold, true, 'a mapping needs all of it');
  assert.equal((await execute(mapped, {}, context)).kind, 'answer');
  assert.equal((await execute(mapped, {}, context)).kind, 'answer');
});

test('a mapped answer that is no JSON cannot be used', async () => {
  const upstream = answering(
    { body: Buffer.from('<html>'), headers: ['x', 'content-type', 'content-type', 'text/html; a'] },
    { body: Buffer.from('{'), headers: [] },
  );
  const mapped = operation([step('one')], () => null);
  await assert.rejects(execute(mapped, {}, { upstream, hold: false }), {
    code: 'UPSTREAM_UNUSABLE',
    status: 502,
    message:
      'api.one gave an answer (text/html) that cannot be used. The answer cannot be read as json: it is no valid JSON.',
    details: { upstreamStatus: 200 },
  });
  await assert.rejects(execute(mapped, {}, { upstream, hold: false }), {
    message:
      'api.one gave an answer (without a content type) that cannot be used. The answer cannot be read as json: it is no valid JSON.',
  });
});

test('each of several steps sees the input and the answers before it', async () => {
  const upstream = answering(
    { body: json({ id: 7 }) },
    { body: Buffer.alloc(0), status: 204 },
    { body: json({ name: 'x' }) },
  );
  const steps = [
    step('first'),
    step('second', ({ steps: { first } }) => `/items/${(first as { id: number }).id}`),
    step('third', ({ input, steps: { second } }) => `/${input.a}/${second}`),
  ];
  const outcome = await execute(
    operation(steps, (scope) => JSON.stringify(scope.steps)),
    { a: 1 },
    { upstream, hold: false },
  );
  assert.deepEqual(
    upstream.sent.map(({ request }) => request.path),
    ['/first', '/items/7', '/1/undefined'],
  );
  assert.equal(
    outcome.kind === 'value' && outcome.value,
    '{"first":{"id":7},"third":{"name":"x"}}',
  );
});

test('a step that is refused names itself; a 4xx the caller can act on keeps its status', async () => {
  const twoSteps = operation([step('first'), step('second')]);
  for (const [status, wanted] of [
    [400, 400],
    [401, 401],
    [403, 403],
    [404, 404],
    [409, 409],
    [410, 410],
    [422, 422],
    [429, 429],
    [418, 502],
    [302, 502],
    [500, 502],
    [503, 502],
  ] as const) {
    for (const failing of ['first', 'second']) {
      const body = new Readable({ read() {} });
      const refusal = failing === 'second' ? { status, body } : { status };
      const upstream = answering(...(failing === 'second' ? [{}, refusal] : [refusal]));
      await assert.rejects(execute(twoSteps, {}, { upstream, hold: false }), {
        code: 'UPSTREAM_REJECTED',
        status: wanted,
        message: `The step "${failing}" was answered with status ${status} by api.${failing}.`,
        details: { step: failing, upstreamStatus: status, status: wanted },
      });
      assert.equal(body.destroyed, failing === 'second', 'its body is let go');
    }
  }
});

test('a step that fails otherwise names itself, too, and keeps its code', async () => {
  const failure = new GatewayError('UPSTREAM_TIMEOUT', 'api.example took too long.');
  const upstream = answering({}, failure);
  await assert.rejects(
    execute(operation([step('first'), step('second')]), {}, { upstream, hold: false }),
    {
      code: 'UPSTREAM_TIMEOUT',
      status: 504,
      message: 'The step "second" failed. api.example took too long.',
      details: { step: 'second' },
      cause: failure,
    },
  );
  await assert.rejects(
    execute(operation([step('only')]), {}, { upstream: answering(failure), hold: false }),
    failure,
    'a simple call has no steps to name',
  );
});

test('forwarded headers are added where the file declares none of the name', async () => {
  const upstream = answering();
  const headers = ['x-declared', 'caller', 'x-tenant', 'acme'];
  await execute(operation([step('one')]), {}, { upstream, hold: false, headers });
  assert.deepEqual(upstream.sent[0]?.request.headers, ['x-declared', 'file', 'x-tenant', 'acme']);
});

test('an operation without steps answers from its own mapping', async () => {
  const outcome = await execute(
    operation([], ({ input }) => String(input.a)),
    { a: 1 },
    { upstream: answering(), hold: false },
  );
  assert.deepEqual(outcome, { kind: 'value', value: '1', status: 200 });
});

test('a script step gets its context, and its failure names the step', async () => {
  const script = {
    language: 'javascript',
    sources: [{ name: 'a.js', text: 'result = 1' }],
    limits: { timeoutMs: 1, memoryBytes: 1, statements: 1 },
  } as const;
  const scripted: OperationPlan = {
    id: 'op',
    inputs: [],
    steps: [],
    chain: [
      {
        step: {
          kind: 'script',
          name: 'make',
          script,
          context: ({ input }) => ({ a: String(input.a) }),
        },
        after: [],
      },
    ],
    answer: { kind: 'project', project: ({ steps }) => steps.make },
  };
  const outcome = await execute(
    scripted,
    { a: 1 },
    {
      upstream: answering(),
      hold: false,
      scripts: { run: async (code, context) => ({ file: code.sources[0]?.name ?? '', context }) },
    },
  );
  assert.deepEqual(outcome, {
    kind: 'value',
    value: { file: 'a.js', context: { a: '1' } },
    status: 200,
  });
  const failure = new GatewayError('SCRIPT_TIMEOUT', 'The script "a.js" took too long.');
  const scripts = { run: () => Promise.reject(failure) };
  await assert.rejects(execute(scripted, {}, { upstream: answering(), hold: false, scripts }), {
    code: 'SCRIPT_TIMEOUT',
    status: 504,
    message: 'The step "make" failed. The script "a.js" took too long.',
    details: { step: 'make' },
  });
  await assert.rejects(execute(scripted, {}, { upstream: answering(), hold: false }), {
    code: 'INTERNAL',
    details: { step: 'make' },
  });
});
