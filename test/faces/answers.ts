import fc from 'fast-check';
import type { RawFormat, UpstreamResponse } from '../../src/plan/plan.ts';

/** What a consumed API answers, its value written in the format that it is asked for. */
export interface Answer {
  readonly status: number;
  readonly value: unknown;
  /** In place of the format's own way of writing a value. */
  readonly text: 'plain text' | 'bytes' | undefined;
}

const text = fc.string({ unit: 'grapheme' });
const plain = fc.constantFrom<unknown>('', '7', 'true', 0, -1.5, 1e21, 2 ** 53, true, false, null);

/** Answers to the calls that one operation makes, by turns. @param words names that they hold */
export function answersOf(words: readonly string[]): fc.Arbitrary<readonly Answer[]> {
  const name = words.length === 0 ? text : fc.constantFrom(...words);
  const leaf = fc.oneof(text, plain, fc.constantFrom(...words, 'x'));
  const { tree } = fc.letrec<{ tree: unknown; object: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      tie('object'),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
    object: fc.dictionary(name, tie('tree'), { maxKeys: 6, noNullPrototype: true }),
  }));
  const top = fc.oneof(
    fc.dictionary(name, tree, { maxKeys: 12, noNullPrototype: true }),
    fc.array(fc.dictionary(name, leaf, { maxKeys: 12, noNullPrototype: true }), { maxLength: 3 }),
    tree,
  );
  const answer = fc.record({
    status: fc.oneof(
      { weight: 12, arbitrary: fc.constant(200) },
      { weight: 3, arbitrary: fc.constantFrom(201, 202, 204, 400, 404, 409, 429, 500, 503) },
    ),
    value: top,
    text: fc.oneof(
      { weight: 12, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('plain text' as const, 'bytes' as const) },
    ),
  });
  return fc.array(answer, { minLength: 1, maxLength: 3 });
}

/** The answer as it comes from the wire. */
export function responseOf({ status, value, text }: Answer, format: RawFormat): UpstreamResponse {
  if (status === 204) return { status, headers: ['etag', '"1"'], body: Buffer.alloc(0) };
  const [type, body] =
    text === 'bytes'
      ? ['image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255])]
      : text === 'plain text'
        ? ['text/plain; charset=utf-8', Buffer.from(String(JSON.stringify(value)).slice(0, 40))]
        : written(value, format);
  return { status, headers: ['content-type', type as string], body: body as Buffer };
}

function written(value: unknown, format: RawFormat): readonly [string, Buffer] {
  switch (format) {
    case 'xml':
      return ['application/xml', Buffer.from(`<root>${elements('item', value)}</root>`)];
    case 'csv':
      return [
        'text/csv',
        Buffer.from(
          `a,b\n${[value]
            .flat()
            .map((each) => csvRow(each))
            .join('\n')}`,
        ),
      ];
    default:
      // JSON is YAML, too.
      return ['application/json', Buffer.from(JSON.stringify(value))];
  }
}

function elements(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => elements(name, item)).join('');
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([key, member]) => elements(key, member))
          .join('')
      : escaped(String(value));
  const tag = /^[A-Za-z_][\w.-]*$/.test(name) ? name : 'item';
  return `<${tag}>${inner}</${tag}>`;
}

const escaped = (text: string): string =>
  text
    .replace(/\p{Cc}|\p{Surrogate}/gu, '')
    .replace(/[<>&"']/g, (each) => `&#${each.charCodeAt(0)};`);

const csvRow = (value: unknown): string =>
  [value, 1].map((cell) => `"${String(JSON.stringify(cell)).replaceAll('"', '""')}"`).join(',');
