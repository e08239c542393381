import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { compileJsonPath } from '../../src/expression/jsonpath.ts';
import type { Json } from '../../src/plan/plan.ts';

interface Case {
  readonly name: string;
  readonly selector: string;
  readonly document?: Json;
  readonly result?: readonly Json[];
  readonly results?: readonly (readonly Json[])[];
  readonly invalid_selector?: true;
}

const file = join(import.meta.dirname, '../../../shared/reference/jsonpath-compliance-cts.json');
const skip = existsSync(file) ? false : 'the compliance suite is not here';

const readCases = (): readonly Case[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { tests: readonly Case[] }).tests;

/** The list of nodes that the suite speaks of. */
function nodes(path: string, document: Json, strict: boolean): readonly Json[] {
  const compiled = compileJsonPath(path, { strict });
  assert.ok('select' in compiled, 'why' in compiled ? compiled.why : '');
  const found = compiled.select(document);
  if (!compiled.singular) return found as readonly Json[];
  return found === undefined ? [] : [found];
}

function holds({ selector, document = null, result, results }: Case, strict: boolean): boolean {
  const found = JSON.stringify(nodes(selector, document, strict));
  return (results ?? [result]).some((expected) => JSON.stringify(expected) === found);
}

describe('the compliance suite of RFC 9535', { skip }, () => {
  test('passes whole', () => {
    const cases = readCases();
    assert.equal(cases.length, 703);
    const failed = cases.filter((one) =>
      one.invalid_selector
        ? 'select' in compileJsonPath(one.selector, { strict: true })
        : !holds(one, true),
    );
    assert.deepEqual(failed, []);
  });

  test('what is taken beyond the RFC changes no answer that it defines', () => {
    const defined = readCases().filter((one) => one.invalid_selector === undefined);
    assert.deepEqual(
      defined.filter((one) => !holds(one, false)),
      [],
    );
  });

  test('of what the RFC refuses, only white space around names and a number after a dot is taken', () => {
    const taken = readCases()
      .filter((one) => one.invalid_selector && 'select' in compileJsonPath(one.selector))
      .map(({ selector }) => selector);
    assert.deepEqual(
      taken.filter(
        (selector) => !['$', '$.a', '$..a', '$.1'].includes(selector.replace(/\s/g, '')),
      ),
      [],
    );
    assert.equal(taken.length, 11);
  });
});
