import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inputNameOf } from '../../src/expression/reference.ts';
import {
  compileTemplate,
  hasTags,
  parseTemplate,
  toText,
  type Value,
} from '../../src/expression/template.ts';
import type { Scope } from '../../src/plan/plan.ts';

const partsOf = (text: string) => {
  const { parts, why } = parseTemplate(text);
  assert.ok(parts !== undefined, why);
  return parts;
};

/** Renders with inputs of these names; `fixed` ones are known at load. */
function render(
  text: string,
  input: Record<string, unknown>,
  fixed: Record<string, unknown> = {},
): unknown {
  const value = compileTemplate(partsOf(text), (name): Value => {
    if (Object.hasOwn(fixed, name)) return { constant: fixed[name] };
    return { read: (scope) => scope.input[name] };
  });
  assert.ok(value !== undefined);
  const scope: Scope = { input, steps: {} };
  return 'read' in value ? value.read(scope) : value.constant;
}

describe('the parts of a template', () => {
  test('text without tags is one part', () => {
    assert.deepEqual(partsOf('plain } { text'), [{ text: 'plain } { text' }]);
    assert.deepEqual(partsOf(''), [{ text: '' }]);
  });

  test('names are trimmed, and triple braces mean the same', () => {
    assert.deepEqual(partsOf('a{{ env.X }}b{{{y z}}}'), [
      { text: 'a' },
      { name: 'env.X' },
      { text: 'b' },
      { name: 'y z' },
    ]);
  });

  test('single braces are text', () => {
    assert.deepEqual(partsOf('{x}'), [{ text: '{x}' }]);
    assert.equal(hasTags('{x}'), false);
  });

  for (const [text, reason] of [
    ['{{}}', /"\{\{\}\}" names nothing/],
    ['a {{  }} b', /names nothing/],
    ['{{#list}}x{{/list}}', /"\{\{#list\}\}" is more than a name/],
    ['{{! note}}', /more than a name/],
    ['Bearer {{KEY', /never closed/],
    ['{{KEY}} and {{OTHER}', /never closed/],
  ] as const) {
    test(`${text} is refused`, () => assert.match(parseTemplate(text).why ?? '', reason));
  }

  test('a hostile text is read in time that grows with its length only', () => {
    assert.match(parseTemplate(`{{${' '.repeat(200_000)}`).why ?? '', /never closed/);
    assert.match(parseTemplate('{{'.repeat(100_000)).why ?? '', /never closed/);
    assert.match(parseTemplate('{{a'.repeat(100_000)).why ?? '', /never closed/);
  });
});

describe('a compiled template', () => {
  test('one tag alone keeps the type of its value', () => {
    assert.equal(render('{{n}}', { n: 5 }), 5);
    assert.deepEqual(render('{{o}}', { o: { a: 1 } }), { a: 1 });
    assert.equal(render('{{b}}', { b: false }), false);
  });

  test('mixed with text, values become text', () => {
    assert.equal(render('{{a}}-{{b}}', { a: 0, b: false }), '0-false');
    assert.equal(render('x {{o}}', { o: [1, { a: 2 }] }), 'x [1,{"a":2}]');
    assert.equal(render('[{{e}}]', { e: '' }), '[]');
  });

  test('an absent value makes the whole absent', () => {
    assert.equal(render('{{a}}-{{b}}', { a: 1 }), undefined);
    assert.equal(render('{{a}}', {}), undefined);
  });

  test('what a value puts in is never scanned again', () => {
    assert.equal(render('{{a}}!', { a: '{{b}}', b: 'no' }), '{{b}}!');
    assert.equal(render('{{K}}{{a}}', { a: 'x' }, { K: '{{a}}' }), '{{a}}x');
  });

  test('all constants give a constant', () => {
    const value = compileTemplate(partsOf('Bearer {{K}}'), () => ({ constant: 'k' }));
    assert.deepEqual(value, { constant: 'Bearer k' });
  });

  test('a name that nothing stands for makes no value, and the others are still looked up', () => {
    const asked: string[] = [];
    const value = compileTemplate(partsOf('{{a}}{{b}}'), (name) => {
      asked.push(name);
      return undefined;
    });
    assert.equal(value, undefined);
    assert.deepEqual(asked, ['a', 'b']);
  });
});

test('values as text', () => {
  assert.equal(toText(null), '');
  assert.equal(toText(undefined), '');
  assert.equal(toText(-0), '0');
  assert.equal(toText(1.5), '1.5');
  assert.equal(toText(Buffer.from('ü')), 'ü');
  assert.equal(toText({ a: [null] }), '{"a":[null]}');
});

describe('a reference', () => {
  const roots = ['rest', 'tools', 'my.space'];
  for (const [reference, name] of [
    ['rest.body.command', 'body.command'],
    ['tools.$select', '$select'],
    ['rest.fields[]', 'fields[]'],
    ['rest.a b+c@d-e', 'a b+c@d-e'],
    ['my.space.x', 'x'],
    ['rest.rest.x', 'rest.x'],
    ['rest..x', '.x'],
    ['rest.', undefined],
    ['rest', undefined],
    ['other.x', undefined],
    ['restful.x', undefined],
  ] as const) {
    test(`${reference} is ${name ?? 'a literal'}`, () =>
      assert.equal(inputNameOf(reference, roots), name));
  }
});
