import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import avro from 'avsc';
import protobuf from 'protobufjs';
import { loadCapabilities } from '../../src/gateway/load.ts';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import type { Json } from '../../src/plan/plan.ts';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { type Reply, startUpstream } from '../support/upstream.ts';
import { fixture, skip, users } from './support.ts';

interface Outline {
  /** Of the consumed operation: outputRawFormat, outputSchema. */
  readonly operation?: object;
  readonly outputs?: readonly object[];
  /** Further members of the exposed operation, in place of the call and its outputs. */
  readonly exposed?: object;
  /** Beside the capability file, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

/** A capability file in a folder of its own, one operation exposed on both faces. */
async function written(t: TestContext, { operation, outputs, exposed, files = {} }: Outline) {
  const common = exposed ?? {
    call: 'api.get',
    inputParameters: [{ name: 'word', in: 'query', type: 'string', required: false }],
    ...(outputs === undefined ? {} : { outputParameters: outputs }),
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'naftiko-formats-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  const file = path.join(folder, 'capability.yaml');
  const resource = { path: '/answer', operations: [{ method: 'GET', name: 'get', ...operation }] };
  const other = { path: '/items/{id}', operations: [{ method: 'GET', name: 'item' }] };
  const document = {
    naftiko: '1.0.0-alpha2',
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          resources: [resource, other],
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: [{ path: '/answer', operations: [{ method: 'GET', ...common }] }],
        },
        {
          type: 'mcp',
          namespace: 'agent',
          port: 9090,
          tools: [{ name: 'get', description: 'Gets', ...common }],
        },
      ],
    },
  };
  await writeFile(file, JSON.stringify(document));
  return file;
}

async function serve(
  t: TestContext,
  outline: Outline,
  reply: Reply,
  options: Partial<GatewayOptions> = {},
) {
  const upstream = await startUpstream(t, {
    'GET /answer': reply,
    'GET /items/2': { body: { second: true } },
  });
  const file = await written(t, outline);
  const baseUris = { api: upstream.origin };
  const { rest, mcp } = await startGateway(t, file, { ...options, baseUris });
  const agent = await connectAgent(t, mcp);
  // From here on the client checks what is structured against the schema.
  const { tools } = await agent.listTools();
  return {
    rest: (query = '') => send(rest, `/answer${query}`),
    tool: (args: Record<string, unknown> = {}) => agent.callTool({ name: 'get', arguments: args }),
    outputSchema: tools[0]?.outputSchema,
  };
}

/** What both faces answer, which has to be the same. */
async function answeredValue(
  t: TestContext,
  outline: Outline,
  reply: Reply,
  word?: string,
): Promise<Json> {
  const { rest, tool } = await serve(t, outline, reply);
  const answer = await rest(word === undefined ? '' : `?word=${encodeURIComponent(word)}`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
  const value = answer.json() as Json;
  const result = await tool(word === undefined ? {} : { word });
  assert.notEqual(result.isError, true, JSON.stringify(result));
  assert.deepEqual(JSON.parse(textOf(result)), value);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  assert.deepEqual(result.structuredContent, isObject ? value : { result: value });
  return value;
}

async function findingsOf(t: TestContext, outline: Outline, options: Partial<GatewayOptions> = {}) {
  const file = await written(t, outline);
  const { findings } = await loadCapabilities({ environment: {}, ...options, files: [file] });
  return findings.filter(({ severity }) => severity === 'error');
}

const typed = (type: string) => ({ 'content-type': type });
const text = { type: 'string' } as const;

function listOf(mapping: string, names: Readonly<Record<string, string>>): readonly object[] {
  const properties = Object.fromEntries(
    Object.entries(names).map(([name, field]) => [name, { ...text, mapping: `$.${field}` }]),
  );
  return [{ type: 'array', mapping, items: { type: 'object', properties } }];
}

const userFields = { id: 'id', name: 'name', email: 'email' };
const records = [
  { id: '1', title: 'One', description: 'First' },
  { id: '2', title: 'Two', description: 'Second' },
];
const recordFields = { id: 'id', title: 'title', description: 'description' };

function protoBytes(): Buffer {
  const root = protobuf.parse(fixture('schemas/test-records.proto').toString()).root;
  return Buffer.from(root.lookupType('RecordsList').encode({ records }).finish());
}

/** An Avro container file, which holds its own schema. */
async function avroContainer(): Promise<Buffer> {
  const type = avro.Type.forSchema(JSON.parse(fixture('schemas/test-records.avsc').toString()));
  const encoder = new avro.streams.BlockEncoder(type);
  encoder.end({ records });
  const chunks: Buffer[] = [];
  for await (const chunk of encoder) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('the reference: a capability of each format', { skip }, () => {
  const cases: readonly (readonly [string, () => Buffer | Promise<Buffer>, string, Json])[] = [
    ['xml', () => fixture('schemas/sample-users.xml'), '/xml/users', users],
    ['yaml', () => fixture('schemas/sample-users.yaml'), '/yaml/users', users],
    ['csv', () => fixture('schemas/sample-users.csv'), '/csv/users', users],
    ['avro', avroContainer, '/avro/records', records],
    [
      'html',
      () => fixture('schemas/sample-products.html'),
      '/html/products',
      [
        { name: 'Widget', price: '$42', stock: '150' },
        { name: 'Gadget', price: '$99', stock: '30' },
      ],
    ],
    [
      'markdown',
      () => fixture('schemas/sample-readme.md'),
      '/markdown/features',
      [
        { feature: 'HTML support', status: 'GA' },
        { feature: 'Markdown support', status: 'Beta' },
      ],
    ],
  ];
  const file = (format: string): string =>
    path.join(
      import.meta.dirname,
      `../../../shared/reference/fixtures/formats/${format}-capability.yaml`,
    );
  for (const [format, body, route, expected] of cases) {
    test(`${format} answers JSON of its sample`, async (t) => {
      const bytes = await body();
      const upstream = await startUpstream(t, (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
      });
      const baseUris = { [`mock-${format}`]: upstream.origin };
      const { rest } = await startGateway(t, file(format), { baseUris });
      assert.deepEqual((await send(rest, route)).json(), expected);
    });
  }

  test('protobuf without a schema is refused at load', async () => {
    const { findings } = await loadCapabilities({ environment: {}, files: [file('proto')] });
    const found = findings.find(({ code }) => code === 'FORMAT_INVALID');
    assert.match(found?.message ?? '', /only be read by a \.proto file/);
    assert.equal(found?.severity, 'error');
    assert.ok((found?.line ?? 0) > 1);
  });
});

describe('both faces answer the same value', { skip }, () => {
  const proto = (): string => fixture('schemas/test-records.proto').toString();
  const cases: Readonly<Record<string, () => readonly [Outline, Reply['body'], Json]>> = {
    xml: () => [
      { operation: { outputRawFormat: 'xml' }, outputs: listOf('$.user', userFields) },
      fixture('schemas/sample-users.xml'),
      users,
    ],
    'xml with one element, which is a list of one': () => [
      { operation: { outputRawFormat: 'xml' }, outputs: listOf('$.user', userFields) },
      '<r><user><id>1</id><name>A</name><email>a@b</email></user></r>',
      [{ id: '1', name: 'A', email: 'a@b' }],
    ],
    tsv: () => [
      { operation: { outputRawFormat: 'tsv' }, outputs: listOf('$', userFields) },
      fixture('schemas/sample-users.tsv'),
      users,
    ],
    psv: () => [
      { operation: { outputRawFormat: 'psv' }, outputs: listOf('$.', userFields) },
      fixture('schemas/sample-users.psv'),
      users,
    ],
    'html within a selector': () => [
      {
        operation: { outputRawFormat: 'html', outputSchema: 'section.inventory table.products' },
        outputs: listOf('$.tables[0]', { name: 'Name' }),
      },
      fixture('schemas/sample-products.html'),
      [{ name: 'Widget' }, { name: 'Gadget' }],
    ],
    'markdown below a heading': () => [
      {
        operation: { outputRawFormat: 'markdown', outputSchema: '## Overview' },
        outputs: [{ type: 'string', mapping: '$.sections[0].heading' }],
      },
      fixture('schemas/sample-readme.md'),
      'Overview',
    ],
    protobuf: () => [
      {
        operation: { outputRawFormat: 'protobuf', outputSchema: 'schemas/r.proto#RecordsList' },
        outputs: listOf('$.records', recordFields),
        files: { 'schemas/r.proto': proto() },
      },
      protoBytes(),
      records,
    ],
    'avro by a schema': () => {
      const schema = fixture('schemas/test-records.avsc').toString();
      return [
        {
          operation: { outputRawFormat: 'avro', outputSchema: './r.avsc' },
          outputs: listOf('$.records', recordFields),
          files: { 'r.avsc': schema },
        },
        avro.Type.forSchema(JSON.parse(schema)).toBuffer({ records }),
        records,
      ];
    },
    'a whole payload of xml, which becomes JSON': () => [
      {
        operation: { outputRawFormat: 'xml' },
        outputs: [{ type: 'object', mapping: '$.' }],
      },
      '<r a="1"><b>x</b><b>y</b></r>',
      { a: '1', b: ['x', 'y'] },
    ],
    'a whole payload of csv, which becomes JSON': () => [
      { operation: { outputRawFormat: 'csv' }, outputs: [{ type: 'array', mapping: '$' }] },
      fixture('schemas/sample-users.csv'),
      users,
    ],
    text: () => [
      { operation: { outputRawFormat: 'text' }, outputs: [{ type: 'integer', mapping: '$' }] },
      ' 42\n',
      42,
    ],
  };
  for (const [name, story] of Object.entries(cases)) {
    test(name, async (t) => {
      const [outline, body, expected] = story();
      assert.deepEqual(await answeredValue(t, outline, { body }), expected);
    });
  }
});

describe('declared types are held to', () => {
  test('each value is of its type, or null', async (t) => {
    const properties = {
      text: { type: 'string', mapping: '$.number' },
      truth: { type: 'string', mapping: '$.truth' },
      number: { type: 'number', mapping: '$.text' },
      whole: { type: 'integer', mapping: '$.half' },
      flag: { type: 'boolean', mapping: '$.flag' },
      missing: { type: 'string', mapping: '$.nothing.here' },
      several: { type: 'array', mapping: '$.missing[*]' },
      short: { type: 'string', mapping: '$.long text', maxLength: 4 },
      same: { type: 'string' },
      hyphens: { type: 'integer', mapping: '$.a-b.c-d' },
      count: { type: 'integer', mapping: '$.list.length()' },
      big: { type: 'object', mapping: '$.prices', values: { type: 'number' } },
      fixed: { type: 'string', const: 'v{{1}}' },
    };
    const body = {
      number: 7,
      truth: false,
      text: '1.5',
      half: 1.5,
      flag: 'true',
      'long text': 'abcdef',
      same: 'kept',
      'a-b': { 'c-d': 3 },
      list: [1, 2],
      prices: { a: '1', b: 2, c: 'x' },
    };
    assert.deepEqual(
      await answeredValue(t, { outputs: [{ type: 'object', properties }] }, { body }),
      {
        text: '7',
        truth: 'false',
        number: 1.5,
        whole: null,
        flag: true,
        missing: null,
        several: [],
        short: 'abcd',
        same: 'kept',
        hyphens: 3,
        count: 2,
        big: { a: 1, b: 2, c: null },
        fixed: 'v{{1}}',
      },
    );
  });

  test('a value may be made of an input', async (t) => {
    const outputs = [
      { name: 'asked', type: 'string', value: 'about {{word}}' },
      { name: 'id', type: 'integer', mapping: '$.id' },
    ];
    const hostile = '"}{{word}}\n';
    assert.deepEqual(await answeredValue(t, { outputs }, { body: { id: 1 } }, hostile), {
      asked: `about ${hostile}`,
      id: 1,
    });
  });

  test('a result without a value is null under result', async (t) => {
    for (const type of ['string', 'array', 'object'] as const) {
      const outputs = [
        { type, mapping: '$.missing', ...(type === 'object' ? { properties: { a: text } } : {}) },
      ];
      const { rest, tool, outputSchema } = await serve(t, { outputs }, { body: { a: 1 } });
      assert.equal(outputSchema?.type, 'object');
      assert.deepEqual((await rest()).json(), null);
      assert.deepEqual((await tool()).structuredContent, { result: null });
    }
  });

  test('so is an answer without a body, which REST passes as it is', async (t) => {
    const outputs = [{ type: 'array', mapping: '$.list', items: text }];
    const { rest, tool } = await serve(t, { outputs }, { status: 204 });
    const answer = await rest();
    assert.deepEqual([answer.status, answer.text], [204, '']);
    const result = await tool();
    assert.deepEqual([result.structuredContent, textOf(result)], [{ result: null }, 'null']);
  });
});

describe('bytes', () => {
  const bytes = Buffer.from([0, 255, 1, 254, 10, 13]);
  const data = bytes.toString('base64');

  test('of format binary are content of their kind, and bytes in REST', async (t) => {
    const contents: readonly (readonly [string, object])[] = [
      ['image/png', { type: 'image', data, mimeType: 'image/png' }],
      ['audio/mpeg', { type: 'audio', data, mimeType: 'audio/mpeg' }],
      ['text/plain', resource('text/plain')],
      ['application/json', resource('application/json')],
    ];
    for (const [type, content] of contents) {
      const { rest, tool } = await serve(
        t,
        { operation: { outputRawFormat: 'binary' }, outputs: [{ type: 'string', mapping: '$' }] },
        { body: bytes, headers: typed(type) },
      );
      const answer = await rest();
      assert.deepEqual(answer.bytes, bytes);
      assert.equal(answer.headers['content-type'], type);
      const result = await tool();
      assert.deepEqual([result.content, result.structuredContent], [[content], undefined]);
    }
    function resource(mimeType: string): object {
      return { type: 'resource', resource: { uri: 'naftiko:api.get', mimeType, blob: data } };
    }
  });

  test('beyond the limit are refused to an agent, and streamed by REST', async (t) => {
    const large = Buffer.alloc(300_000, 7);
    const { rest, tool } = await serve(
      t,
      { operation: { outputRawFormat: 'binary' } },
      { body: large, headers: typed('image/png') },
      { maxAnswer: 200_000 },
    );
    assert.deepEqual((await rest()).bytes, large);
    const result = await tool();
    assert.equal(result.isError, true);
    assert.match(textOf(result), /^UPSTREAM_TOO_LARGE \(502\): .*limit of 200000 bytes/);
  });

  test('of any format pass as they are where nothing is asked of them', async (t) => {
    const csv = 'id,name\r\n1,"A"\r\n';
    const { rest, tool } = await serve(
      t,
      { operation: { outputRawFormat: 'csv' } },
      { body: csv, headers: typed('application/octet-stream') },
    );
    assert.equal((await rest()).text, csv);
    assert.deepEqual((await tool()).content, [{ type: 'text', text: csv }]);
  });
});

describe('what cannot be honoured', () => {
  test('an answer that is not of its format is a failure on both faces', async (t) => {
    const { rest, tool } = await serve(
      t,
      { operation: { outputRawFormat: 'xml' }, outputs: [{ type: 'string', mapping: '$.a' }] },
      { body: '<a><secret></a>', headers: typed('application/xml') },
    );
    const answer = await rest();
    assert.equal(answer.status, 502);
    const problem = answer.json() as { code: string; detail: string };
    assert.equal(problem.code, 'UPSTREAM_UNUSABLE');
    assert.match(
      problem.detail,
      /^api\.get gave an answer \(application\/xml\) .* not well-formed/,
    );
    const result = await tool();
    assert.equal(result.isError, true);
    assert.match(textOf(result), /^UPSTREAM_UNUSABLE \(502\): .*cannot be read as xml/);
    assert.doesNotMatch(answer.text + textOf(result), /secret/);
  });

  test('an answer that makes a path visit too much is a failure', async (t) => {
    const outputs = [{ type: 'array', mapping: '$.list[?count($..x) > 1]' }];
    const list = Array.from({ length: 5_000 }, () => ({ x: 1 }));
    const { rest } = await serve(t, { outputs }, { body: { list } });
    const problem = (await rest()).json() as { code: string; detail: string };
    assert.equal(problem.code, 'UPSTREAM_UNUSABLE');
    assert.match(problem.detail, /visits more values/);
  });

  test('is found at load, with its place', async (t) => {
    const avroBy = (outputSchema: string): Outline => ({
      operation: { outputRawFormat: 'avro', outputSchema },
      outputs: [{ type: 'string', mapping: '$.a' }],
      files: { 'broken.avsc': '{', 'folder/x': '' },
    });
    const bad: readonly (readonly [Outline, string, RegExp, RegExp])[] = [
      [
        { outputs: [{ type: 'string', mapping: '$.a[' }] },
        'JSONPATH_INVALID',
        /\/outputParameters\/0\/mapping$/,
        /\$\.a\[/,
      ],
      [
        { outputs: [{ type: 'integer', value: 'many' }] },
        'VALUE_WRONG_TYPE',
        /\/outputParameters\/0\/value$/,
        /type integer/,
      ],
      [
        { outputs: [{ type: 'string', value: '{{nobody}}' }] },
        'VARIABLE_UNKNOWN',
        /\/outputParameters\/0\/value$/,
        /nobody/,
      ],
      [
        {
          operation: { outputRawFormat: 'html', outputSchema: 'table[' },
          outputs: [{ type: 'string', mapping: '$.a' }],
        },
        'FORMAT_INVALID',
        /\/operations\/0\/outputSchema$/,
        /CSS selector/,
      ],
      [avroBy('missing.avsc'), 'LOCATION_INVALID', /\/outputSchema$/, /There is no file .*missing/],
      [avroBy('folder'), 'LOCATION_INVALID', /\/outputSchema$/, /is no file/],
      [avroBy('http://x.test/a'), 'LOCATION_INVALID', /\/outputSchema$/, /"http:"/],
      [
        avroBy('../../../../etc/hosts'),
        'LOCATION_INVALID',
        /\/outputSchema$/,
        /outside the folder/,
      ],
      [avroBy('broken.avsc'), 'FORMAT_INVALID', /\/outputSchema$/, /schema/i],
    ];
    for (const [outline, code, pointer, message] of bad) {
      const findings = await findingsOf(t, outline);
      const found = findings.find((finding) => finding.code === code);
      assert.ok(found !== undefined, `${code} among ${JSON.stringify(findings)}`);
      assert.equal(found.severity, 'error');
      assert.match(found.pointer, pointer);
      assert.match(found.message, message);
      assert.ok(found.line > 0);
    }
  });

  test('a schema outside is read where its folder is allowed', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'naftiko-schemas-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeFile(path.join(folder, 'text.avsc'), '"string"');
    const outline: Outline = {
      operation: { outputRawFormat: 'avro', outputSchema: path.join(folder, 'text.avsc') },
      outputs: [{ type: 'string', mapping: '$' }],
    };
    assert.equal((await findingsOf(t, outline))[0]?.code, 'LOCATION_INVALID');
    assert.deepEqual(await findingsOf(t, outline, { allowImport: [folder] }), []);
  });

  test('a format that cannot be read is no obstacle while its bytes are handed on', async (t) => {
    const outline: Outline = { operation: { outputRawFormat: 'protobuf' } };
    const body = Buffer.from([10, 3, 1, 255, 0]);
    const { rest, tool } = await serve(t, outline, {
      body,
      headers: { 'content-type': 'application/x-protobuf' },
    });
    assert.deepEqual((await rest()).bytes, body);
    const [content] = (await tool()).content as { resource?: { blob: string } }[];
    assert.equal(content?.resource?.blob, body.toString('base64'));
  });

  test('a format that cannot be used is no obstacle while nothing calls it', async (t) => {
    const outline: Outline = {
      operation: { outputRawFormat: 'protobuf' },
      exposed: { call: 'api.item', with: { id: 2 } },
    };
    const findings = await findingsOf(t, outline);
    assert.deepEqual(
      findings.filter(({ code }) => code === 'FORMAT_INVALID'),
      [],
    );
  });
});

test('what a last step of xml gives is shaped as that of a call is', async (t) => {
  const outline = {
    operation: { outputRawFormat: 'xml' },
    exposed: {
      steps: [{ type: 'call', name: 'list', call: 'api.get' }],
      outputParameters: listOf('$.item', { id: 'id' }),
    },
  };
  const body = '<r><item><id>1</id></item></r>';
  assert.deepEqual(await answeredValue(t, outline, { body }), [{ id: '1' }]);
  const { outputParameters: _, ...whole } = outline.exposed;
  const bytes = await serve(t, { ...outline, exposed: whole }, { body });
  assert.equal((await bytes.rest()).text, body);
});

test('a step reads its own format, and later steps see it', async (t) => {
  const exposed = {
    steps: [
      { type: 'call', name: 'list', call: 'api.get' },
      { type: 'call', name: 'one', call: 'api.item', with: { id: '$.list.item[1].id' } },
    ],
    mappings: [
      { targetName: 'found', value: '$.one.second' },
      { targetName: 'names', value: '$.list.item[*].id' },
    ],
    outputParameters: [
      { name: 'found', type: 'boolean' },
      { name: 'names', type: 'array', items: { type: 'integer' } },
    ],
  };
  const body = '<r><item><id>1</id></item><item><id>2</id></item></r>';
  const outline = { operation: { outputRawFormat: 'xml' }, exposed };
  assert.deepEqual(await answeredValue(t, outline, { body }), { found: true, names: [1, 2] });
});
