import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileJsonPath } from '../../src/expression/jsonpath.ts';
import type { Json } from '../../src/plan/plan.ts';
import { failure, fixture, read, skip, users } from './support.ts';

const select = (path: string, value: Json): Json | undefined => {
  const compiled = compileJsonPath(path);
  assert.ok('select' in compiled);
  return compiled.select(value);
};

describe('the tree of an XML answer', () => {
  const cases: readonly (readonly [string, Json])[] = [
    ['<r><a>1</a><b> x </b></r>', { a: '1', b: ' x ' }],
    ['<r><a>1</a><a>2</a></r>', { a: ['1', '2'] }],
    ['<r id="7"><a x="1" y="2"/></r>', { id: '7', a: { x: '1', y: '2' } }],
    ['<r><p currency="EUR">5</p></r>', { p: { currency: 'EUR', '': '5' } }],
    ['<r>one<b>two</b>three</r>', { b: 'two', '': ['one', 'three'] }],
    ['<r><a/><b></b><c>\n  </c></r>', { a: '', b: '', c: '' }],
    ['<r><a xsi:nil="true"/><b/></r>', { a: null, b: '' }],
    ['<r a="1"><a>2</a></r>', { a: ['1', '2'] }],
    [
      '<s:E xmlns:s="u"><s:Body s:m="1"><x xmlns="v">1</x></s:Body></s:E>',
      { Body: { m: '1', x: '1' } },
    ],
    ['<r><a><![CDATA[<b>&amp;]]></a></r>', { a: '<b>&amp;' }],
    ['<r>x<!-- no -->y<?php no ?>z</r>', 'xyz'],
    ['<r a="&lt;&quot;">&gt;&amp;&apos;&#65;&#x1F600;</r>', { a: '<"', '': ">&'A😀" }],
    ['<?xml version="1.0"?><!DOCTYPE r>\n<r/><!-- end -->\n', ''],
    ['<r>x\r\ny</r>', 'x\ny'],
  ];
  for (const [text, tree] of cases) {
    test(text, async () => assert.deepEqual(await read('xml', text), tree));
  }

  test('of the sample, its root dropped', { skip }, async () => {
    const tree = await read('xml', fixture('schemas/sample-users.xml'));
    assert.deepEqual(tree, { user: users });
    assert.deepEqual(select('$.user[1].name', tree), 'Bob Johnson');
  });

  test('is found by the name of the root, too, and only by name', async () => {
    const tree = await read('xml', '<root><user>1</user></root>');
    assert.equal(select('$.root.user', tree), '1');
    assert.equal(select('$.user', tree), '1');
    assert.deepEqual(select('$.*', tree), ['1']);
    assert.deepEqual(select('$..user', tree), ['1']);
    assert.equal(JSON.stringify(tree), '{"user":"1"}');
    assert.deepEqual(await read('xml', '<r><r>x</r></r>'), { r: 'x' });
  });

  test('keeps reserved names as plain fields', async () => {
    const tree = await read(
      'xml',
      '<r constructor="1"><__proto__ toString="2">a</__proto__><prototype/></r>',
    );
    assert.deepEqual(Object.keys(tree as object), ['constructor', '__proto__', 'prototype']);
    assert.equal(Object.getPrototypeOf(tree), Object.prototype);
  });

  test('by the encoding it declares', async () => {
    const text = '<?xml version="1.0" encoding="ISO-8859-1"?><r>é</r>';
    assert.equal(await read('xml', Buffer.from(text, 'latin1')), 'é');
    assert.equal(await read('xml', text, 'application/xml; charset=utf-8'), 'é');
  });
});

describe('an XML answer that cannot be read', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /not well-formed/],
    ['secret', /not well-formed \(line 1\)\.$/],
    ['<a>\n<b></a></b>', /not well-formed \(line 2\)\.$/],
    ['<a>', /not well-formed/],
    ['<a x="1" x="2"/>', /not well-formed/],
    ['<a/><b/>', /more or less than one root element/],
    ['<a/>junk', /more or less than one root element/],
    ['<a>&nbsp;</a>', /an entity that is not one of the five of XML/],
    ['<a>&#0;</a>', /an entity that is not one of the five of XML/],
    ['<a>&#xD800;</a>', /an entity that is not one of the five of XML/],
    ['<!DOCTYPE a [<!ENTITY b "secret">]><a>&b;</a>', /an entity that is not one/],
    ['<!DOCTYPE a [<!ENTITY b "secret">]><a c="&b;"/>', /an entity that is not one/],
    ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', /declares entities/],
  ];
  for (const [text, reason] of cases) {
    test(text.slice(0, 60), async () => {
      const message = await failure('xml', text);
      assert.match(message, reason);
      assert.doesNotMatch(message, /secret|passwd/);
    });
  }

  test('entities of entities are never expanded', async () => {
    const entities = Array.from(
      { length: 9 },
      (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`,
    );
    const text = `<!DOCTYPE l [<!ENTITY l0 "lol">${entities.join('')}]><l>&l9;</l>`;
    assert.match(await failure('xml', text), /an entity that is not one/);
  });

  test('nested too deeply, or too large', async () => {
    const text = '<a>'.repeat(20_000) + '</a>'.repeat(20_000);
    assert.match(await failure('xml', text), /nested more than 200 levels deep/);
    assert.match(
      await failure('xml', Buffer.alloc(9 * 1024 * 1024)),
      /larger than the 8 MiB that can be read as xml/,
    );
  });
});
