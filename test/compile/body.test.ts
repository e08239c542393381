import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  ENV,
  inputOf,
  type Operation,
  type Outline,
  refusalOf,
  requestOf,
  sendOf,
} from '../support/compile.ts';

const post = (outline: Outline): Promise<Operation> =>
  compileOutline({ method: 'POST', ...outline });
const inBody = (name: string, more: object = {}): object => ({ name, in: 'body', ...more });

describe('one body parameter is the whole body, whatever its name', () => {
  for (const name of ['body', 'app', '_body', 'secret']) {
    for (const type of ['object', 'string', 'array', undefined]) {
      test(`${name} of type ${type}`, async () => {
        const { route, tool } = await post({
          parameters: [inBody(name, type === undefined ? {} : { type })],
          with: { [name]: `rest.${name}` },
        });
        assert.deepEqual(inputOf(route, name).from, { in: 'body', name, whole: true });
        assert.equal(inputOf(route, name).passBytes, true);
        const value = type === 'array' ? [{ n: 1 }] : { n: 1, nested: [null] };
        for (const given of [value, JSON.stringify(value)]) {
          const sent = sendOf(tool, { [name]: given });
          assert.equal(sent.body, JSON.stringify(value));
          assert.equal(sent.headers['content-type'], 'application/json');
        }
      });
    }
  }

  test('one that is declared as text shows as an open object, and takes any JSON', async () => {
    const { tool } = await post({
      parameters: [inBody('app', { type: 'string', required: true })],
    });
    assert.deepEqual(tool.definition.inputSchema.properties, {
      app: { type: 'object', additionalProperties: true },
    });
    for (const [given, body] of [
      [{ a: 1 }, '{"a":1}'],
      [[1], '[1]'],
      [7, '7'],
      [false, 'false'],
      [null, 'null'],
      ['{"a": 1.0}', '{"a": 1.0}'],
      [' [1] ', ' [1] '],
      ['plain', '"plain"'],
      ['{broken', '"{broken"'],
      ['', '""'],
      ['9007199254740993', '9007199254740993'],
      ['say "hi" \ud800', '"say \\"hi\\" \\ud800"'],
    ] as const) {
      assert.equal(sendOf(tool, { app: given }).body, body);
    }
  });

  test('REST hands checked bytes on as they came', async () => {
    const { route } = await post({ parameters: [inBody('body', { type: 'object' })] });
    const bytes = Buffer.from('{ "big": 9007199254740993, "n": 1.0 }');
    assert.equal(requestOf(route, { body: bytes }).body, bytes.toString());
  });

  test('with another use of the input, its value is needed and bytes are not passed', async () => {
    for (const outline of [
      { with: { body: 'rest.body', q: 'rest.body' } },
      { with: { body: 'rest.body', q: 'x-{{body}}' } },
      { with: { body: 'rest.body' }, consumes: { headers: { 'X-Body': '{{body}}' } } },
    ]) {
      const { route } = await post({
        parameters: [inBody('body', { type: 'object' }), { name: 'q', in: 'query' }],
        ...outline,
      });
      assert.equal(inputOf(route, 'body').passBytes, false);
      assert.equal(inputOf(route, 'body').from.whole, true);
    }
  });

  test('a body that is also a query parameter has one value in both', async () => {
    const { tool } = await post({
      parameters: [inBody('body', { type: 'object' }), { name: 'q', in: 'query' }],
      with: { body: 'tools.x', q: 'tools.x' },
    });
    const sent = sendOf(tool, { x: { a: 1 } });
    assert.equal(sent.body, '{"a":1}');
    assert.equal(sent.url, 'https://api.example.com/things?q=%7B%22a%22%3A1%7D');
  });

  test('absent, nothing is sent and no content type', async () => {
    const { tool } = await post({ parameters: [inBody('body')] });
    assert.equal(sendOf(tool, {}).body, undefined);
    assert.equal(sendOf(tool, {}).headers['content-type'], undefined);
  });

  test('it goes with DELETE and GET, too', async () => {
    for (const method of ['DELETE', 'GET']) {
      const { tool } = await compileOutline({ method, parameters: [inBody('body')] });
      assert.equal(sendOf(tool, { body: { a: 1 } }).body, '{"a":1}');
    }
  });

  test('text with limits stays text', async () => {
    const { tool } = await post({ parameters: [inBody('body', { type: 'string', maxLength: 3 })] });
    assert.deepEqual(tool.definition.inputSchema.properties, {
      body: { type: 'string', maxLength: 3 },
    });
    assert.match(
      refusalOf(() => sendOf(tool, { body: { a: 1 } })),
      /body must be text, not an object/,
    );
  });

  test('declared inputs follow the same rule', async () => {
    const { route, tool } = await post({
      declared: [{ name: 'payload', in: 'body', type: 'string', description: 'The app' }],
      parameters: [inBody('app', { type: 'string' })],
      with: { app: 'rest.payload' },
    });
    assert.deepEqual(inputOf(route, 'payload').from, { in: 'body', name: 'payload', whole: true });
    assert.equal(sendOf(tool, { payload: { a: 1 } }).body, '{"a":1}');
    assert.equal(sendOf(tool, { payload: '{"a":1}' }).body, '{"a":1}');
  });
});

describe('several body parameters are fields of their names', () => {
  const outline: Outline = {
    parameters: [
      inBody('name', { type: 'string', required: true }),
      inBody('count', { type: 'integer' }),
      inBody('__proto__', { type: 'object' }),
    ],
    with: { name: 'rest.name', count: 'rest.n' },
  };

  test('each is read from its field, and keeps its type', async () => {
    const { route, tool } = await post(outline);
    assert.deepEqual(inputOf(route, 'n').from, { in: 'body', name: 'n', whole: false });
    assert.deepEqual(tool.definition.inputSchema, {
      type: 'object',
      properties: { name: { type: 'string' }, n: { type: 'integer' } },
      required: ['name'],
    });
    assert.equal(sendOf(tool, { name: '7', n: '2' }).body, '{"name":"7","count":2}');
    assert.equal(sendOf(tool, { name: 'x' }).body, '{"name":"x"}');
    assert.match(
      refusalOf(() => sendOf(tool, { name: { a: 1 } })),
      /name must be text, not an object/,
    );
  });

  test('a field named __proto__ is a field', async () => {
    const { tool } = await post({ parameters: outline.parameters ?? [] });
    const given = JSON.parse('{"name": "x", "__proto__": {"a": 1}}');
    assert.equal(requestOf(tool, given).body, '{"name":"x","__proto__":{"a":1}}');
  });

  test('only one of several fed is still a field', async () => {
    const { tool } = await post({ ...outline, with: { name: 'tools.name' } });
    assert.equal(sendOf(tool, { name: 'x' }).body, '{"name":"x"}');
  });

  test('a fixed one is sent with the others', async () => {
    const { tool } = await post({
      parameters: [inBody('kind', { value: 'ship' }), inBody('size', { value: 3 }), inBody('name')],
    });
    assert.equal(sendOf(tool, { name: 'x' }).body, '{"kind":"ship","size":3,"name":"x"}');
  });
});

describe('a declared content type', () => {
  test('other than JSON sends text as it is', async () => {
    const { tool } = await post({
      parameters: [inBody('body', { type: 'string' }), { name: 'Content-Type', in: 'header' }],
    });
    for (const [type, body] of [
      ['text/plain', '{"a": 1}'],
      ['application/xml', '<a/>'],
      ['application/x-ndjson', '{}\n{}'],
      ['application/json-seq', '\u001e{}'],
    ] as const) {
      const sent = sendOf(tool, { body, 'Content-Type': type });
      assert.equal(sent.body, body);
      assert.equal(sent.headers['content-type'], type);
    }
    const patch = sendOf(tool, {
      body: 'x',
      'Content-Type': 'application/merge-patch+json; charset=utf-8',
    });
    assert.equal(patch.body, '"x"');
  });

  test('fixed in the file makes a text body text on both faces', async () => {
    const { tool } = await post({
      parameters: [
        inBody('body', { type: 'string' }),
        { name: 'content-type', in: 'header', value: 'application/xml' },
      ],
    });
    assert.deepEqual(tool.definition.inputSchema.properties, { body: { type: 'string' } });
    const sent = sendOf(tool, { body: '<a/>' });
    assert.equal(sent.body, '<a/>');
    assert.equal(sent.headers['content-type'], 'application/xml');
  });
});

describe('a body block', () => {
  const data = {
    city: '{{city}}',
    note: 'in {{city}}',
    tags: ['{{tag}}', 'fixed'],
    deep: { key: '{{KEY}}', gone: '{{gone}}', n: 1, none: null },
  };
  const parameters = ['city', 'tag', 'gone'].map((name) => inBody(name, { type: 'any' }));

  test('json: values go in as values, never as text that could break out', async () => {
    const { tool } = await compileOutline(
      { method: 'POST', binds: ENV, operation: { body: { type: 'json', data } }, parameters },
      { environment: { KEY: 'k"ey' } },
    );
    const sent = sendOf(tool, { city: 'a","x":"b{{KEY}}', tag: { t: 1 } });
    assert.deepEqual(JSON.parse(sent.body ?? ''), {
      city: 'a","x":"b{{KEY}}',
      note: 'in a","x":"b{{KEY}}',
      tags: [{ t: 1 }, 'fixed'],
      deep: { key: 'k"ey', n: 1, none: null },
    });
    assert.equal(sent.headers['content-type'], 'application/json');
  });

  test('json of binds alone is filled in at load', async () => {
    const { tool } = await compileOutline(
      {
        method: 'POST',
        binds: ENV,
        operation: { body: { type: 'json', data: { a: '{{KEY}}', b: ['{{env.OTHER}}', 'x'] } } },
      },
      { environment: { KEY: 'k', OTHER: 'o' } },
    );
    assert.equal(sendOf(tool, {}).body, '{"a":"k","b":["o","x"]}');
  });

  test('json without a tag is the same for every request', async () => {
    const { tool } = await post({ operation: { body: { type: 'json', data: { a: [1] } } } });
    assert.equal(sendOf(tool, {}).body, '{"a":[1]}');
  });

  test('formUrlEncoded: pairs, lists repeated, what is absent left out', async () => {
    const { tool } = await post({
      operation: {
        body: {
          type: 'formUrlEncoded',
          data: { a: '{{city}}', b: '{{gone}}', c: 'x y&z', d: '{{tag}}' },
        },
      },
      parameters,
    });
    const sent = sendOf(tool, { city: 'é=1', tag: ['1', '2'] });
    assert.equal(sent.body, 'a=%C3%A9%3D1&c=x%20y%26z&d=1&d=2');
    assert.equal(sent.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.match(
      refusalOf(() => sendOf(tool, { city: '\ud800' })),
      /city holds a broken character/,
    );
  });

  test('declared inputs fill its template by name, and are fields of the REST body', async () => {
    const { route, tool } = await post({
      operation: { body: { type: 'json', data: { imo: '{{shipImo}}' } } },
      declared: [{ name: 'shipImo', in: 'body', type: 'string' }],
    });
    assert.deepEqual(inputOf(route, 'shipImo').from, { in: 'body', name: 'shipImo', whole: false });
    assert.equal(sendOf(tool, { shipImo: '7' }).body, '{"imo":"7"}');
  });
});
