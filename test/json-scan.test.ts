import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonKind, kindOfJson } from '../src/json-scan.ts';

const kindOf = (text: string): JsonKind | undefined => kindOfJson(Buffer.from(text));

/** What a parser says of a text. */
function parsedKind(text: string): JsonKind | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return 'scalar';
    return Array.isArray(value) ? 'array' : 'object';
  } catch {
    return undefined;
  }
}

test('what a parser takes is taken, and what it refuses is not', () => {
  for (const text of [
    ...['{}', '[]', ' { } ', '\t[\r\n]\n', '{"a":1}', '{"a":{"b":[1,{"c":null}]}}', '[[],[{}]]'],
    ...['""', '"a\\u00e9\\n\\"\\\\\\/"', '"é😀"', '"\\uD800"', 'true', 'false', 'null', ' 0 '],
    ...['-0', '0.5', '1e5', '1E+5', '-1.25e-10', '123456789012345678901234567890', '1.0'],
    ...[
      '',
      ' ',
      '{',
      '[',
      '}',
      ']',
      '{]',
      '[}',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{,}',
      '[,]',
      '[1,]',
    ],
    ...['[1 2]', '{"a":1 "b":2}', '{a:1}', "{'a':1}", '{"a":1}}', '[] []', '1 2', '{"a":1}x', '//'],
    ...['"', '"\\"', '"\\x"', '"\\u12"', '"\\u12g4"', '"a\nb"', '"\t"', '"\\'],
    ...['01', '-', '+1', '1.', '.5', '1e', '1e+', '--1', '0x1', 'NaN', 'Infinity', 'tru', 'truee'],
    ...[
      'nulll',
      'undefined',
      '00',
      '-01',
      '1.2.3',
      '[1,2',
      '{"a":[}',
      '{"a":"b}',
      '\u00a0{}',
      '{"":""}',
    ],
  ])
    assert.equal(kindOf(text), parsedKind(text), JSON.stringify(text));
});

test('no damage to a text makes one that only one of the two takes', () => {
  const whole = '{"a": [1, -2.5e3, "x\\u00e9\\n", {"b": null, "c": [true, false, {}]}], "é": "ö"}';
  const signs = '{}[]",:\\ 0-9.eEtrufalsn\n\u0001';
  for (let at = 0; at <= whole.length; at += 1) {
    const cases = [whole.slice(0, at), whole.slice(at), whole.slice(0, at) + whole.slice(at + 1)];
    for (const sign of signs) {
      cases.push(whole.slice(0, at) + sign + whole.slice(at));
      cases.push(whole.slice(0, at) + sign + whole.slice(at + 1));
    }
    for (const text of cases) {
      // A cut character is no UTF-8, and never gets so far.
      if (Buffer.from(text).toString('utf8') !== text) continue;
      assert.equal(kindOf(text), parsedKind(text), JSON.stringify(text));
    }
  }
});

test('what is nested too deeply is left to others', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  assert.equal(kindOf(nested(200)), 'array');
  assert.equal(kindOf(nested(202)), undefined);
  assert.equal(kindOf('['.repeat(1_000_000)), undefined);
});
