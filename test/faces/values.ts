import fc from 'fast-check';
import type { InputPlan, JsonSchema } from '../../src/plan/plan.ts';
import type { Pair } from './pairs.ts';

/** Values by input name, as a caller means them; an input that is not given has no key. */
export type Given = Readonly<Record<string, unknown>>;

/** Texts that have broken something somewhere. */
const TEXTS: readonly string[] = [
  ...['', ' ', ' a ', 'a b', 'a/b', '.', '..', '../x', '%2F', '%', '%zz', '+', 'a+b', 'ü ☃ 😀'],
  ...['?&=#', "'", '"', '\\', '\\"', '`', '<b>&amp;</b>', ']]>', 'a\nb', 'a\r\nb', 'a\tb', 'a\0b'],
  ...['{{x}}', '{{', '}}', '{x}', '{{{x}}}', '$.a', 'rest.x', 'tools.x', 'null', 'undefined'],
  ...[
    'true',
    '0',
    '-1',
    '1.0',
    '007',
    '1e3',
    '9007199254740993',
    '[',
    '[]',
    '["a"]',
    '{}',
    '{"a":1}',
  ],
  ...['a,b', 'a;b', 'a=b', '"quoted"', '__proto__', 'constructor', '\ufeffa', '\ufffd', '\u2028'],
  ...['\ud800', 'a\udfff', 'x'.repeat(300)],
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);

const INTEGERS = [0, 1, -1, 7, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 60, 1e21];
const integer = fc.oneof(fc.constantFrom(...INTEGERS), fc.integer());
const NUMBERS = [0.1, -0.5, 0.1 + 0.2, 1e-7, 5e-324, 1.7976931348623157e308, 123456.789];
const number = fc.oneof(
  integer,
  fc.constantFrom(...NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const boolean = fc.boolean();
const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' });
const key = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('a', '__proto__', '1', 'a b', ''),
);
const object = fc.dictionary(key, fc.oneof(json, text), { maxKeys: 4, noNullPrototype: true });

const MEDIA_TYPES = ['application/json', 'application/x-own+json', 'text/plain', 'application/xml'];

/** What is given where a list or another type is wanted, and the other way round. */
const wrong = fc.oneof(fc.constantFrom('', 'x', '7', 'true', '1.5'), number, boolean);

/** Inputs for one operation, by the names that both faces know. */
export function givenFor({ route, tool }: Pair): fc.Arbitrary<Given> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  const always: string[] = [];
  for (const input of tool.operation.inputs) {
    const other = route.operation.inputs.find(({ name }) => name === input.name);
    if (other === undefined) continue;
    const { from } = other;
    // What is encoded cannot be read, so that REST would hand on what a tool has to judge.
    if (from.in === 'header' && from.name === 'content-encoding') continue;
    // Where the faces differ in what they demand, both get it; a path is never without its values.
    const differ = input.required !== other.required;
    model[input.name] = differ
      ? valueFor(input, other).filter((value) => value !== null)
      : valueFor(input, other);
    if (from.in === 'path' || differ) always.push(input.name);
  }
  const names = Object.keys(model);
  const required = tool.operation.inputs
    .filter((input) => input.required)
    .map(({ name }) => name)
    .filter((name) => names.includes(name));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record(model, { requiredKeys: [...new Set([...always, ...required])] }),
    },
    { weight: 1, arbitrary: fc.record(model, { requiredKeys: always }) },
  );
}

function valueFor(input: InputPlan, { from }: InputPlan): fc.Arbitrary<unknown> {
  if (from.in === 'header' && from.name === 'content-type') return fc.constantFrom(...MEDIA_TYPES);
  const right = byType(input.schema, input.type, from.in);
  const asText = from.in !== 'body';
  if (asText && input.type === 'any') return right;
  const other = asText ? textual(input) : fc.oneof(wrong, json);
  const all = [
    { weight: 8, arbitrary: right },
    { weight: 1, arbitrary: other },
  ];
  if (from.in === 'path') return fc.oneof(...all).filter((value) => value !== '');
  return fc.oneof(...all, { weight: 1, arbitrary: fc.constant(null) });
}

/** A text tells no list from its JSON, so lists are given nothing but texts there. */
const textual = ({ type }: InputPlan): fc.Arbitrary<unknown> =>
  type === 'array' ? text : type === 'object' ? fc.constantFrom('', 'x', '[1]', 'null') : wrong;

function byType(schema: JsonSchema, type: string, place: string): fc.Arbitrary<unknown> {
  const allowed = schema.enum as readonly unknown[] | undefined;
  if (allowed !== undefined && allowed.length > 0) {
    return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...allowed) }, text);
  }
  switch (type) {
    case 'integer':
      return integer;
    case 'number':
      return number;
    case 'boolean':
      return boolean;
    case 'array':
      return listOf((schema.items ?? {}) as JsonSchema, place);
    case 'object':
      return objectLike(schema, place);
    case 'any':
      return place === 'body' ? fc.oneof(json, text, object) : textFor(place);
    default:
      return textFor(place);
  }
}

function listOf(items: JsonSchema, place: string): fc.Arbitrary<unknown> {
  const item =
    typeof items.type === 'string' ? byType(items, items.type, place) : fc.oneof(text, json);
  return fc.oneof(fc.array(item, { maxLength: 3 }), fc.array(textFor(place), { maxLength: 3 }));
}

function objectLike(schema: JsonSchema, place: string): fc.Arbitrary<unknown> {
  const { properties } = schema as { properties?: Readonly<Record<string, JsonSchema>> };
  if (properties === undefined) return object;
  const model = Object.entries(properties).map(([name, inner]) => [
    name,
    byType(inner, typeof inner.type === 'string' ? inner.type : 'string', place),
  ]);
  return fc.record(Object.fromEntries(model) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
    noNullPrototype: true,
  });
}

/** A header holds no control characters, and no blanks around it. */
const textFor = (place: string): fc.Arbitrary<string> =>
  place === 'header' ? text.map((value) => value.replace(/\p{Cc}/gu, '').trim()) : text;
