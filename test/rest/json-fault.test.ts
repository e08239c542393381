import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findJsonFault } from '../../src/rest/json-fault.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('it finds a fault exactly where JSON.parse does', () => {
  const seeds = [
    '{"a":[1,-2.5e+10,{"b":null}],"c":"\\u00e9\\n\\"x","d":{},"e":[]}',
    ' [ true , false , 0 , -0.0 , 1E4 , "" ] ',
    '"text"',
    '12',
  ];
  const signs = [...'{}[],:"0-1.eEtfnu\\x \n\t', '\u0000', '☃', ''];
  let wrong = 0;
  for (const seed of seeds) {
    for (let at = 0; at <= seed.length; at += 1) {
      for (const sign of signs) {
        for (const cut of [0, 1]) {
          const text = seed.slice(0, at) + sign + seed.slice(at + cut);
          const fault = findJsonFault(text);
          assert.equal(fault === undefined, parses(text), JSON.stringify(text));
          if (fault !== undefined) wrong += 1;
        }
      }
      const cutShort = seed.slice(0, at);
      if (!parses(cutShort)) assert.equal(findJsonFault(cutShort)?.ended, true, cutShort);
    }
  }
  assert.ok(wrong > 1_000);
});

test('what comes before the place could be the beginning of JSON', () => {
  for (const text of [
    '{"a": tru}',
    '[1.]',
    '["\\u12x4"]',
    '{"a":1,}',
    '[01]',
    '-x',
    '[1 2]',
    '1e+',
  ]) {
    const { column = 0 } = findJsonFault(text) ?? {};
    assert.equal(findJsonFault(text.slice(0, column - 1))?.ended ?? true, true, text);
  }
});

test('a text of many megabytes and levels is no trouble', () => {
  const long = `["${'x'.repeat(5_000_000)}\\n", ${'['.repeat(1_000_000)}`;
  assert.equal(findJsonFault(long)?.column, long.length + 1);
});
