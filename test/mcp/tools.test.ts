import assert from 'node:assert/strict';
import test from 'node:test';
import { GatewayError } from '../../src/errors.ts';
import { plainContext } from '../../src/mcp/conversation.ts';
import { createToolCore, type ToolRunner } from '../../src/mcp/tools.ts';
import type { Values } from '../../src/plan/plan.ts';
import { textOf } from '../support/agent.ts';
import { answered, input, tool, toolset } from './toolbox.ts';

const never = plainContext(new AbortController().signal);

const search = tool('search-items', [
  input('$select', 'string', { key: 'select' }),
  input('limit', 'integer', { required: true }),
  input('filter', 'any'),
]);

/** A core over `search` that keeps the values it ran with. */
function recorded(): { call(args: object): Promise<unknown>; readonly ran: Values[] } {
  const ran: Values[] = [];
  const run: ToolRunner = async (_tool, values) => {
    ran.push(values);
    return answered({ ok: true });
  };
  const core = createToolCore(toolset([search]), { run });
  return { ran, call: (args) => core.call('search-items', args as Record<string, unknown>, never) };
}

test('tools are listed in file order, once, in a frozen list', () => {
  const core = createToolCore(toolset([tool('b'), tool('a'), tool('b')]), {
    run: async () => answered({}),
  });
  assert.deepEqual(
    core.list().map(({ name }) => name),
    ['b', 'a'],
  );
  assert.equal(core.list(), core.list());
  assert.ok(Object.isFrozen(core.list()));
});

test('an input is taken under its published name and under its safe key', async () => {
  const { call, ran } = recorded();
  await call({ $select: 'a', limit: 1 });
  await call({ select: 'b', limit: 2 });
  assert.deepEqual(
    ran.map((values) => ({ ...values })),
    [
      { $select: 'a', limit: 1 },
      { $select: 'b', limit: 2 },
    ],
  );
});

test('a null for an optional input leaves it out, but is a value of an untyped one', async () => {
  const { call, ran } = recorded();
  await call({ select: null, limit: 1, filter: null });
  assert.deepEqual({ ...ran[0] }, { limit: 1, filter: null });
});

test('every wrong argument is named at once, and nothing runs', async () => {
  const { call, ran } = recorded();
  const result = (await call({ select: 'a', $select: 'b', limt: 3, colour: 'red' })) as object;
  assert.deepEqual(textOf(result).split('\n'), [
    'INPUT_INVALID (400): The input does not match what the operation takes:',
    '- $select: is given twice, as "$select" and "select"',
    '- limt: is not an input of this tool. Did you mean "limit"?',
    '- colour: is not an input of this tool.',
    '- limit: is required and was not given',
  ]);
  assert.equal((result as { isError?: boolean }).isError, true);
  assert.equal(ran.length, 0);
});

test('an argument of the wrong type or nested too deep is refused', async () => {
  const { call } = recorded();
  assert.match(textOf(await call({ limit: 'many' })), /- limit: must be of type integer/);
  const deep = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  assert.match(
    textOf(await call({ limit: 1, filter: deep })),
    /- filter: is nested deeper than 200 levels/,
  );
});

test('names of the object prototype are not inputs', async () => {
  const { call } = recorded();
  const args = JSON.parse('{"limit":1,"__proto__":{"x":1},"constructor":2}') as object;
  const text = textOf(await call(args));
  assert.match(text, /- __proto__: is not an input of this tool/);
  assert.match(text, /- constructor: is not an input of this tool/);
});

test('an unknown tool is a protocol error that names it and what was meant', async () => {
  const core = createToolCore(toolset([search]), { run: async () => answered({}) });
  await assert.rejects(core.call('search_item', {}, never), {
    code: -32602,
    message: 'Unknown tool: "search_item". Did you mean "search-items"?',
  });
});

test('a failed run is a masked result; what was not foreseen shows nothing but goes to the log', async () => {
  const failures: GatewayError[] = [];
  const mask = (text: string): string => text.replaceAll('s3cret', '***');
  const thrown: unknown[] = [
    new GatewayError('UPSTREAM_TIMEOUT', 'items.get did not answer in 30 s; token s3cret.'),
    new TypeError('s3cret at line 1'),
  ];
  const core = createToolCore(toolset([tool('a')]), {
    run: () => Promise.reject(thrown.shift()),
    mask,
    onFailure: (error) => failures.push(error),
  });
  const [first, second] = [await core.call('a', {}, never), await core.call('a', {}, never)];
  assert.deepEqual(first, {
    isError: true,
    content: [
      {
        type: 'text',
        text: 'UPSTREAM_TIMEOUT (504): items.get did not answer in 30 s; token ***.',
      },
    ],
  });
  assert.equal(textOf(second), 'INTERNAL (500): The gateway failed to handle this request.');
  assert.match(String(failures[1]?.cause), /s3cret at line 1/);
});
