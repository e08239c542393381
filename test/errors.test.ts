import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputInvalid, listViolations } from '../src/errors.ts';

test('violations are one sentence, each named, ended once', () => {
  const lists: readonly (readonly [readonly string[], string])[] = [
    [['is required'], 'a is required.'],
    [['is required.'], 'a is required.'],
    [['is no input. Did you mean "b"?'], 'a is no input. Did you mean "b"?'],
    [['is no input.', 'is required'], 'a is no input; b is required.'],
  ];
  for (const [messages, sentence] of lists) {
    const violations = messages.map((message, at) => ({ input: 'ab'[at] ?? '', message }));
    assert.equal(listViolations(violations), sentence);
    assert.equal(inputInvalid(violations).message, sentence);
  }
});
