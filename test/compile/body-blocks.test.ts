import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  compileText,
  findingOf,
  outlined,
  refusalOf,
  type Sent,
  sendOf,
} from '../support/compile.ts';

const HOSTILE = [
  'plain',
  'say "hi"',
  "it's",
  'two\nlines\r\nof text',
  '{{other}}',
  '{{{other}}}',
  'a&b=c;d=e',
  '<b>&amp;</b>',
  ']]>',
  '\\',
  '\\u0022',
  '","admin":true,"x":"',
  '} ; DROP ALL',
  '%00%0d%0a',
  '--boundary\r\ncontent-disposition: form-data; name="admin"\r\n\r\n1',
  '日本 \u{1f600}',
  '__proto__',
] as const;

/** Compiles an operation with a body block whose tags `a` and `b` are inputs, `b` optional. */
async function sender(body: unknown, more: object = {}, type = 'string') {
  const { tool } = await compileOutline({
    method: 'POST',
    operation: { body, ...more },
    declared: [
      { name: 'a', in: 'body', type },
      { name: 'b', in: 'body', type: 'string', required: false },
    ],
  });
  return (a: unknown, b?: unknown): Sent => sendOf(tool, b === undefined ? { a } : { a, b });
}

describe('a body in JSON', () => {
  test('as text: values inside quotes are text, outside them JSON values', async () => {
    const text = '{\n  "a": "{{a}}",\n  "list": [{{a}}, "x {{a}}!"],\n  "n": 1.0\n}\n';
    for (const body of [text, { type: 'json', data: text }, { type: 'raw', data: text }]) {
      const send = await sender(body);
      for (const value of HOSTILE) {
        const sent = send(value);
        assert.equal(sent.headers['content-type'], 'application/json');
        assert.deepEqual(JSON.parse(sent.body as string), {
          a: value,
          list: [value, `x ${value}!`],
          n: 1,
        });
      }
      assert.equal(
        send('v').body,
        text.replaceAll('"{{a}}"', '"v"').replace('[{{a}}', '["v"').replace('{{a}}!', 'v!'),
      );
    }
  });

  test('as text: lists, objects and numbers keep their type outside quotes', async () => {
    for (const [type, value] of [
      ['array', ['x"', 1, null]],
      ['object', { k: '"' }],
      ['integer', 7],
      ['boolean', false],
    ] as const) {
      const send = await sender('{"a": {{a}}, "t": "{{a}}"}', {}, type);
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      assert.deepEqual(JSON.parse(send(value).body as string), { a: value, t: text });
    }
  });

  test('what is absent is left out: members, items, keys', async () => {
    const send = await sender(
      '{"a": {{a}}, "b": {{b}}, "t": "x {{b}}", "l": [{{b}}, 1.50, {{a}}], "k {{b}}": 1}',
    );
    assert.equal(send('v').body, '{"a":"v","l":[1.50,"v"]}');
    assert.equal(
      send('v', 'w').body,
      '{"a": "v", "b": "w", "t": "x w", "l": ["w", 1.50, "v"], "k w": 1}',
    );
    assert.equal(
      (await sender('{{b}}', { inputParameters: [{ name: 'a', in: 'query' }] }))('v').body,
      undefined,
    );
  });

  test('as data: an object or a list, with typed values and templates', async () => {
    const object = await sender({
      type: 'json',
      data: { a: '{{a}}', b: ['{{b}}', 'x{{a}}'], c: 1 },
    });
    const list = await sender({ type: 'json', data: ['{{a}}', { n: null }] });
    for (const value of HOSTILE) {
      assert.deepEqual(JSON.parse(object(value).body as string), {
        a: value,
        b: [`x${value}`],
        c: 1,
      });
      assert.deepEqual(JSON.parse(list(value).body as string), [value, { n: null }]);
    }
  });

  test('text that is no JSON is refused at load, saying where', async () => {
    for (const [body, why] of [
      ['{"a": {{a}}', /a comma or "}" is missing in line 1/],
      ['{\n"a": x{{a}}}', /a value is neither a tag nor JSON in line 2/],
      ['{"a": "{{a}}\n"}', /a text holds a line break/],
      ['{"a": {{a}}} {{b}}', /something follows the value/],
      ['{{{a}}: 1}', /"\{\{" is never closed|is missing|more than a name|closed/],
    ] as const) {
      const compiled = await compileText(
        outlined({ method: 'POST', operation: { body }, declared: [{ name: 'a' }, { name: 'b' }] }),
      );
      const [finding] = compiled.findings.filter(({ severity }) => severity === 'error');
      assert.match(finding?.message ?? 'none', why);
    }
  });
});

test('a body in plain text takes values as they are, once', async () => {
  const send = await sender({ type: 'text', data: 'Dear {{a}},\n{{b}}!' });
  for (const value of HOSTILE) {
    const sent = send(value);
    assert.equal(sent.body, `Dear ${value},\n!`);
    assert.equal(sent.headers['content-type'], 'text/plain; charset=utf-8');
  }
});

describe('a body in XML', () => {
  const unescaped = (text: string): string =>
    text
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&');

  test('values stay text, in content, attributes and CDATA', async () => {
    const body = '<?xml version="1.0"?><r k="{{a}}"><!-- c -->{{a}}<c><![CDATA[x{{a}}y]]></c></r>';
    for (const operation of [{ type: 'xml', data: body }, body]) {
      const send = await sender(operation);
      for (const value of HOSTILE) {
        const sent = send(value);
        assert.equal(sent.headers['content-type'], 'application/xml');
        const match =
          /^<\?xml version="1.0"\?><r k="([^"<>]*)"><!-- c -->([^<>]*)<c><!\[CDATA\[x\]\]>([^<>]*)<!\[CDATA\[y\]\]><\/c><\/r>$/.exec(
            sent.body as string,
          );
        assert.ok(match !== null, sent.body);
        for (const found of match.slice(1)) assert.equal(unescaped(found), value);
      }
      assert.match(
        refusalOf(() => send('a\u0001b')),
        /a holds a character that XML cannot carry/,
      );
    }
  });

  test('a name takes names only; comments and declarations take nothing', async () => {
    const send = await sender({ type: 'xml', data: '<{{a}}/>' });
    assert.equal(send('item').body, '<item/>');
    for (const value of ['a b', 'a/><b', 'a="1"', ''])
      assert.match(
        refusalOf(() => send(value)),
        /a must be a name/,
      );
    for (const [data, why] of [
      ['<r><!-- {{a}} --></r>', /a comment of an XML body/],
      ['<?x {{a}}?><r/>', /an instruction/],
      ['<!DOCTYPE r [<!ENTITY x "{{a}}">]><r/>', /no document type/],
    ] as const) {
      const compiled = await compileText(
        outlined({
          method: 'POST',
          operation: { body: { type: 'xml', data } },
          declared: [{ name: 'a' }],
        }),
      );
      assert.match(findingOf(compiled, 'BODY_INVALID').message, why);
    }
  });
});

test('a body in SPARQL takes values as literals, pieces of IRIs, and names', async () => {
  const send = await sender({
    type: 'sparql',
    data: 'SELECT ?s WHERE { ?s <http://x/{{a}}> "it is {{a}}" ; ex:p {{a}} . FILTER(?n < 3) }',
  });
  for (const value of HOSTILE) {
    const { body = '', headers } = send(value);
    assert.equal(headers['content-type'], 'application/sparql-query');
    const match =
      /^SELECT \?s WHERE { \?s <http:\/\/x\/([^<>"{}|^`\\\s]*)> "it is ((?:[^"\\\n\r]|\\["'\\nrt])*)" ; ex:p "((?:[^"\\\n\r]|\\["'\\nrt])*)" \. FILTER\(\?n < 3\) }$/.exec(
        body,
      );
    assert.ok(match !== null, body);
  }
  const number = await sender({ type: 'sparql', data: 'ASK { ?s ex:{{b}} {{a}} }' }, {}, 'integer');
  assert.equal(number(7, 'age').body, 'ASK { ?s ex:age 7 }');
  assert.match(
    refusalOf(() => number(7, 'age } ; DROP')),
    /b must be a name/,
  );
});

describe('a form', () => {
  const pairs = (sent: Sent): [string, string][] => [...new URLSearchParams(sent.body)];

  test('of fields, or as text, holds values whatever they are', async () => {
    const text = 'grant_type=x&a={{a}}&mixed=p-{{a}}&b={{b}}&z=%26';
    const data = { grant_type: 'x', a: '{{a}}', mixed: 'p-{{a}}', b: '{{b}}', z: '&' };
    for (const body of [
      { type: 'formUrlEncoded', data },
      { type: 'formUrlEncoded', data: text },
    ]) {
      const send = await sender(body);
      for (const value of HOSTILE) {
        const sent = send(value);
        assert.equal(sent.headers['content-type'], 'application/x-www-form-urlencoded');
        assert.deepEqual(pairs(sent), [
          ['grant_type', 'x'],
          ['a', value],
          ['mixed', `p-${value}`],
          ['z', '&'],
        ]);
      }
      const lists = await sender(body, {}, 'array');
      assert.deepEqual(pairs(lists(['1', '2'])).slice(1, 3), [
        ['a', '1'],
        ['a', '2'],
      ]);
    }
  });

  test('as a bare text with its Content-Type declared', async () => {
    const send = await sender('a={{a}}', {
      inputParameters: [
        { name: 'Content-Type', in: 'header', value: 'application/x-www-form-urlencoded' },
      ],
    });
    assert.equal(send('x&y=z').body, 'a=x%26y%3Dz');
  });
});

describe('a multipart form', () => {
  async function read(sent: Sent & { readonly bytes?: Buffer }): Promise<FormData> {
    return new Response(sent.body, { headers: sent.headers }).formData();
  }
  const body = {
    type: 'multipartForm',
    data: [
      { name: 'plain', value: '{{a}}' },
      { name: 'n{{a}}', value: '1' },
      { name: 'file', value: '{{a}}', filename: '{{a}}', contentType: 'text/plain' },
      { name: 'optional', value: '{{b}}' },
    ],
  };

  test('has exactly the declared parts, whatever the values hold', async () => {
    const send = await sender(body);
    for (const value of HOSTILE) {
      const sent = send(value);
      const form = await read(sent);
      assert.equal([...form.keys()].length, 3, sent.body);
      assert.equal(form.get('plain'), value);
      const file = form.get('file') as File;
      assert.equal(await file.text(), value);
      assert.equal(file.type, 'text/plain');
    }
    assert.equal((await read(send('x', 'y'))).get('optional'), 'y');
  });

  test('declares its boundary, whatever Content-Type the file fixes', async () => {
    for (const [declared, shown] of [
      ['multipart/form-data', /^multipart\/form-data; boundary=----form-[0-9a-f]{36}$/],
      ['multipart/related; boundary=x', /^multipart\/related; boundary=----form-/],
      ['application/json', /^multipart\/form-data; boundary=/],
    ] as const) {
      const send = await sender(body, {
        inputParameters: [{ name: 'Content-Type', in: 'header', value: declared }],
      });
      assert.match(send('x').headers['content-type'] as string, shown);
    }
  });

  test('binary files are given as base64, and a type that is none is refused', async () => {
    const send = await sender({
      type: 'multipartForm',
      data: [{ name: 'file', value: '{{a}}', filename: 'a.png', contentType: '{{b}}' }],
    });
    const file = (await read(send(Buffer.from('PNG!').toString('base64'), 'image/png'))).get(
      'file',
    );
    assert.equal(await (file as File).text(), 'PNG!');
    const raw = (await read(send('not base64!', 'image/png'))).get('file');
    assert.equal(await (raw as File).text(), 'not base64!');
    for (const type of ['x', 'a/b\r\nx-evil: 1', 'a/b; c="d\r\n"'])
      assert.match(
        refusalOf(() => send('x', type)),
        /must be a media type/,
      );
  });
});
