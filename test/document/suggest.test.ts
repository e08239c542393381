import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/document/suggest.ts';

const names = ['inputParameters', 'outputParameters', 'method', 'name', 'in', 'path', 'getUser'];

const cases: readonly (readonly [string, string | undefined])[] = [
  ['mehtod', 'method'],
  ['methd', 'method'],
  ['input_parameters', 'inputParameters'],
  ['INPUTPARAMETERS', 'inputParameters'],
  ['inputParameter', 'inputParameters'],
  ['get-user', 'getUser'],
  ['nmae', 'name'],
  ['color', undefined],
  ['x', undefined],
  ['', undefined],
  ['$', undefined],
  ['method', undefined],
];
for (const [name, expected] of cases) {
  test(`"${name}" was probably meant to be ${expected ?? 'nothing known'}`, () => {
    assert.equal(nearest(name, names), expected);
  });
}

test('a hostile name costs nothing', () => {
  assert.equal(nearest('x'.repeat(1_000_000), ['y'.repeat(999_999)]), undefined);
});
