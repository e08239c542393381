import { GatewayError } from '../../src/errors.ts';
import type { McpToolset, ToolRunner } from '../../src/mcp/tools.ts';
import type { Json, Outcome, ToolPlan } from '../../src/plan/plan.ts';
import { answered, input, step, tool, toolset } from './toolbox.ts';

const JSON_TYPE = ['content-type', 'application/json'];
const typed = (type: string): readonly string[] => ['content-type', type];
const value = (given: Json | undefined, extra: object = {}): Outcome => ({
  kind: 'value',
  value: given,
  status: 200,
  ...extra,
});
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** What may come of running a tool, by the tool's name. */
const OUTCOMES: Readonly<Record<string, Outcome | Error>> = {
  object: answered({ a: 1, b: ['x', null, true], c: { d: 'e' } }),
  list: answered([1, 2, { a: 'b' }]),
  text: answered('"a \\"quoted\\" text"'),
  number: answered('12.5'),
  nothing: answered('null'),
  brackets: answered({ text: '[{'.repeat(150) }),
  unicode: answered({ name: 'Zoë', sign: '\u2028', pair: '😀' }),
  lone: answered('{"half":"\\ud800"}'),
  marked: answered(Buffer.from('\ufeff{"a":1}')),
  broken: answered(Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
  latin: answered(
    Buffer.from('{"a":"é"}', 'latin1'),
    200,
    typed('application/json; charset=latin1'),
  ),
  named: answered({ a: 1 }, 200, typed('application/vnd.items+json; charset=UTF-8')),
  'no-json': answered('{"a":', 200, JSON_TYPE),
  plain: answered('hello', 200, typed('text/plain')),
  untyped: answered('{"a":1}', 200, []),
  image: answered(Buffer.from('89504e470d0a1a0a', 'hex'), 200, typed('image/png')),
  created: answered({ id: 7 }, 201),
  empty: answered('', 200, ['etag', '"1"']),
  'no-content': answered('', 204, []),
  'not-modified': answered('', 304, ['etag', '"1"']),
  moved: answered('', 302, ['location', '/there']),
  missing: answered({ why: 'not there' }, 404),
  failing: answered('oops', 500, typed('text/plain')),
  head: answered('', 200, ['content-length', '7'], step('HEAD')),
  mapped: value({ a: [1, 2], b: 'c' }),
  'mapped-list': value(['a']),
  'mapped-text': value('a'),
  'mapped-nothing': value(null),
  'mapped-absent': value(undefined),
  'mapped-meta': value({ a: 1 }, { meta: { next: 2 } }),
  long: answered({ items: Array.from({ length: 60 }, (_, id) => ({ id, name: `item ${id}` })) }),
  'long-text': answered('word '.repeat(200), 200, typed('text/plain')),
  'deep-enough': answered(deep(200)),
  'too-deep': answered(deep(201)),
  'mapped-deep': value(JSON.parse(deep(300)) as Json),
  refused: new GatewayError('UPSTREAM_UNREACHABLE', 'items.get cannot be reached.'),
  faulty: new TypeError('a fault'),
};

/** Of these the structured content is spelled as it came, and means the same. */
export const SPELLED: ReadonlySet<string> = new Set(['lengthy-number', 'spread', 'twice']);

const SPELLED_OUTCOMES: Readonly<Record<string, Outcome>> = {
  'lengthy-number': answered('{"id":12345678901234567890,"price":1.50,"big":1e2}'),
  spread: answered('{\r\n  "a": 1,\n  "b": [ 2 ]\n}'),
  twice: answered('{"a":1,"a":2,"9":3,"1":4}'),
};

const all: Readonly<Record<string, Outcome | Error>> = { ...OUTCOMES, ...SPELLED_OUTCOMES };

const chosen = tool('chosen', [input('id', 'integer')]);
const checked = tool('checked', [input('good', 'boolean')]);
const mirrored = tool('mirrored', [
  input('region', 'string', { schema: { type: 'string', 'x-mcp-header': 'Region' } }),
]);
const asks = tool('asks');

const SPECIAL: readonly ToolPlan[] = [
  tool('echo', [
    input('id', 'integer', { required: true }),
    input('$select', 'string', { key: 'select' }),
    input('any', 'any'),
    input('size', 'integer', { default: 3 }),
  ]),
  { ...chosen, fields: 'fields' },
  {
    ...checked,
    definition: { ...checked.definition, outputSchema: { type: 'object' } },
    checkStructured: (structured) =>
      (structured as { good?: unknown }).good === true ? [] : ['good must be true'],
  },
  mirrored,
  { ...tool('scoped'), scopes: ['items:read'] },
  { ...tool('short'), maxAnswer: { characters: 200 } },
  { ...tool('counted'), maxAnswer: { tokens: 40 } },
  { ...tool('renamed'), published: 'original name' },
  { ...asks, operation: { ...asks.operation, chain: [{ step: ask(), after: [] }] } },
];

function ask(): NonNullable<ToolPlan['operation']['chain']>[number]['step'] {
  return {
    kind: 'ask',
    name: 'user',
    capability: 'elicitation',
    optional: false,
    question: () => ({ method: 'elicitation/create', params: {} }),
    read: () => ({ value: null }),
  };
}

export const NAMES: readonly string[] = Object.keys(all);

export const hotTools: McpToolset = toolset([...NAMES.map((name) => tool(name)), ...SPECIAL]);

export const runHotTool: ToolRunner = async ({ definition: { name } }, values) => {
  const outcome = all[name];
  if (outcome instanceof Error) throw outcome;
  if (outcome !== undefined) return outcome;
  if (name === 'chosen') return answered({ items: [{ id: 1, name: 'a' }], total: 1 });
  if (name === 'short' || name === 'counted') return all.long as Outcome;
  return answered({ good: values.good ?? false, got: { ...values } });
};
