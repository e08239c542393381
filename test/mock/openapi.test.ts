import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import type { ConsumedResource } from '../../src/document/document.ts';
import { MockError } from '../../src/mock/problem.ts';
import { startMock } from '../../src/mock/server.ts';
import type { Closer } from '../support/upstream.ts';
import { mockOf } from './caller.ts';

async function folderOf(t: Closer, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'naftiko-mock-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return folder;
}

const at = (route: string, method: string, name: string): ConsumedResource => ({
  path: route,
  operations: [
    {
      name,
      method,
      inputParameters:
        method === 'GET' || method === 'DELETE' ? [] : [{ name: 'body', in: 'body' }],
    },
  ],
});

const OPENAPI = `
openapi: 3.0.3
info: { title: Shop, version: '1' }
servers: [{ url: 'https://{region}.shop.test/api/v2/' }]
paths:
  /items/{itemId}:
    get:
      responses:
        '404': { description: none }
        '206': { description: later, content: { application/json: { example: { status: 206 } } } }
        '200':
          description: ok
          content:
            application/json:
              example: { from: example }
              examples: { a: { value: { from: examples } } }
              schema: { $ref: '#/components/schemas/Item' }
    put:
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } }
      responses: { '201': { $ref: '#/components/responses/Item' } }
    delete: { responses: { '204': { description: gone } } }
  /named:
    get:
      responses:
        '2XX':
          description: ok
          content:
            application/hal+json:
              examples: { a: { $ref: '#/components/examples/Named' }, b: { value: 2 } }
  /text:
    get: { responses: { '200': { description: ok, content: { text/csv: { example: "a,b" } } } } }
  /xml:
    get:
      responses:
        '200': { description: ok, content: { application/xml: { schema: { type: object, xml: { name: item }, properties: { id: { type: integer, example: 7 } } } } } }
  /silent:
    get: { responses: { '202': { description: nothing known of the body } } }
  /dangling:
    get: { responses: { '200': { description: x, content: { application/json: { schema: { $ref: '#/nowhere' } } } } } }
components:
  examples: { Named: { value: { from: named } } }
  responses:
    Item: { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } } }
  schemas:
    Item:
      type: object
      required: [id, name, size]
      properties:
        id: { type: string, readOnly: true, example: i-1 }
        name: { type: string, example: lamp }
        size: { type: string, enum: [small, large] }
        parent: { $ref: '#/components/schemas/Item' }
        secret: { type: string, writeOnly: true }
`;

test('answers come from the document: example, examples, schema, in this order', async (t) => {
  const folder = await folderOf(t, { 'shop.yaml': OPENAPI });
  const call = await mockOf(
    t,
    {
      resources: [
        at('/api/v2/items/{{id}}', 'GET', 'read'),
        at('/items/{id}', 'PUT', 'put'),
        at('/items/{id}', 'DELETE', 'drop'),
        at('/named', 'GET', 'named'),
        at('/text', 'GET', 'text'),
        at('/xml', 'GET', 'xml'),
        at('/silent', 'GET', 'silent'),
        at('/dangling', 'GET', 'dangling'),
        at('/lacking', 'GET', 'lacking'),
      ],
    },
    { openapi: path.join(folder, 'shop.yaml') },
  );
  const example = await call('GET', '/api/v2/items/1');
  assert.equal(example.status, 200);
  assert.deepEqual(example.json, { from: 'example' });

  const made = await call('PUT', '/items/1', { body: { name: 'x', size: 'small' } });
  assert.equal(made.status, 201);
  assert.equal(made.json.id, 'i-1');
  assert.equal(made.json.name, 'lamp');
  assert.equal(made.json.size, 'small');
  assert.ok(!('secret' in made.json));

  const gone = await call('DELETE', '/items/1');
  assert.equal(gone.status, 204);
  assert.equal(gone.text, '');
  assert.equal(gone.headers['content-length'], undefined);

  const named = await call('GET', '/named');
  assert.deepEqual(named.json, { from: 'named' });
  assert.equal(named.headers['content-type'], 'application/hal+json');
  const text = await call('GET', '/text');
  assert.deepEqual([text.headers['content-type'], text.text], ['text/csv', 'a,b']);
  const xml = await call('GET', '/xml');
  assert.equal(xml.headers['content-type'], 'application/xml');
  assert.match(xml.text, /<id>7<\/id>/);

  const silent = await call('GET', '/silent');
  assert.deepEqual([silent.status, silent.json.operation], [202, 'shop.silent']);
  assert.equal((await call('GET', '/dangling')).json.operation, 'shop.dangling');
  assert.equal((await call('GET', '/lacking')).json.operation, 'shop.lacking');
  assert.equal((await call('GET', '/nothing')).status, 404, 'the checks of the file stay');
});

test('a JSON body is held against the schema of the document', async (t) => {
  const folder = await folderOf(t, { 'shop.yaml': OPENAPI });
  const call = await mockOf(
    t,
    { resources: [at('/items/{id}', 'PUT', 'put'), at('/lacking', 'POST', 'lacking')] },
    { openapi: path.join(folder, 'shop.yaml') },
  );
  const { status, json } = await call('PUT', '/items/1', {
    body: { name: 5, size: 'huge', parent: {} },
  });
  assert.equal(status, 400);
  assert.equal(json.code, 'INPUT_INVALID');
  assert.deepEqual(
    json.violations
      .map(({ input, message }: { input: string; message: string }) => `${input} ${message}`)
      .sort(),
    [
      'name must be string',
      "parent must have required property 'name'",
      "parent must have required property 'size'",
      'size must be equal to one of the allowed values: small, large',
    ],
  );
  assert.match(json.detail, /^The body of shop\.put is not what the OpenAPI document describes: /);
  assert.equal((await call('POST', '/lacking', { body: { name: 5 } })).status, 200);
});

test('Swagger 2.0 keeps its parts elsewhere', async (t) => {
  const document = {
    swagger: '2.0',
    basePath: '/api',
    produces: ['application/vnd.shop+json'],
    paths: {
      '/items': {
        parameters: [{ $ref: '#/parameters/Item' }],
        post: {
          responses: { default: { description: 'made', schema: { $ref: '#/definitions/Item' } } },
        },
        get: {
          produces: ['text/plain'],
          responses: {
            200: {
              description: 'ok',
              schema: { type: 'string' },
              examples: { 'application/json': { from: 'examples' } },
            },
          },
        },
      },
    },
    parameters: { Item: { name: 'item', in: 'body', schema: { $ref: '#/definitions/Item' } } },
    definitions: {
      Item: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'string', example: 'i-1' } },
      },
    },
  };
  const folder = await folderOf(t, { 'shop.json': JSON.stringify(document) });
  const call = await mockOf(
    t,
    { resources: [at('/items', 'POST', 'add'), at('/items', 'GET', 'list')] },
    { openapi: path.join(folder, 'shop.json') },
  );
  const made = await call('POST', '/items', { body: { id: 'x' } });
  assert.deepEqual([made.status, made.json], [200, { id: 'i-1' }]);
  assert.equal(made.headers['content-type'], 'application/vnd.shop+json');
  assert.equal((await call('POST', '/items', { body: {} })).status, 400);
  assert.deepEqual((await call('GET', '/items')).json, { from: 'examples' });
});

test('a document may lie in several files', async (t) => {
  const folder = await folderOf(t, {
    'main.yaml': `
openapi: 3.1.0
paths:
  /items:
    get: { responses: { '200': { $ref: 'common.yaml#/responses/Items' } } }
`,
    'common.yaml': `
responses:
  Items: { description: ok, content: { application/json: { schema: { $ref: '#/schemas/Item' } } } }
schemas:
  Item: { type: object, properties: { id: { $ref: './id.json' }, all: { $ref: 'main.yaml#/paths' } } }
`,
    'id.json': '{ "type": "integer", "example": 42 }',
  });
  const call = await mockOf(
    t,
    { resources: [at('/items', 'GET', 'list')] },
    { openapi: path.join(folder, 'main.yaml') },
  );
  assert.equal((await call('GET', '/items')).json.id, 42);
});

test('a document that cannot be used stops the start, saying why', async (t) => {
  const folder = await folderOf(t, {
    'text.yaml': 'just words',
    'empty.yaml': '',
    'broken.json': '{ "openapi": ',
    'broken.yaml': 'a: [1\nb: 2',
    'other.yaml': 'naftiko: 1.0.0-alpha2',
    'version4.yaml': 'openapi: 4.0.0\npaths: {}',
    'pathless.yaml': 'openapi: 3.0.0',
    'lost.yaml': "openapi: 3.0.0\npaths: { /a: { $ref: 'lost/a.yaml#/x' } }",
    'key.yaml': "openapi: 3.0.0\npaths: { /a: { $ref: '../id_rsa#/x' } }",
  });
  const cases: [string, RegExp][] = [
    ['missing.yaml', /document .*missing\.yaml cannot be read: there is no such file\.$/],
    ['', /cannot be read: the system says EISDIR\.$/],
    ['text.yaml', /text\.yaml is not a mapping\.$/],
    ['empty.yaml', /empty\.yaml is not a mapping\.$/],
    ['broken.json', /broken\.json is neither JSON nor YAML: /],
    ['broken.yaml', /broken\.yaml is neither JSON nor YAML: /],
    ['other.yaml', /other\.yaml is not an OpenAPI document: it starts with neither/],
    ['version4.yaml', /is not an OpenAPI document/],
    ['pathless.yaml', /describes no paths/],
    ['lost.yaml', /lost\/a\.yaml, which .*lost\.yaml refers to, cannot be read: there is no such/],
    ['key.yaml', /refers to .*id_rsa, which is neither a JSON nor a YAML file/],
  ];
  for (const [name, message] of cases) {
    const openapi = path.join(folder, name);
    const consumes = { namespace: 'shop', baseUri: '', resources: [at('/a', 'GET', 'a')] };
    await assert.rejects(
      startMock({ consumes: [{ key: 'shop', consumes, openapi }] }),
      (error) => error instanceof MockError && message.test(error.message),
      name,
    );
  }
});

test('paths of servers, one of them relative, are tolerated; so is the path of the base URI', async (t) => {
  const operation = (name: string) =>
    `{ get: { responses: { '200': { description: ok, content: { application/json: { example: ${name} } } } } } }`;
  const folder = await folderOf(t, {
    'shop.yaml': `
openapi: 3.0.0
servers: [{ url: /v1 }, { url: 'http://shop.test' }, {}]
paths:
  /a/{x}: ${operation('a')}
  /api/b/{y}.json: ${operation('b')}
  '/?Action=List': ${operation('list')}
  '/?Action=Drop': ${operation('drop')}
`,
  });
  const call = await mockOf(
    t,
    {
      baseUri: 'https://{region}.shop.test/api/',
      resources: [
        at('/v1/a/{id}', 'GET', 'a'),
        at('/b/{{id}}.json', 'GET', 'b'),
        at('/?Action=List', 'GET', 'list'),
        at('/?Action=Drop', 'GET', 'drop'),
      ],
    },
    { openapi: path.join(folder, 'shop.yaml') },
  );
  for (const [target, name] of [
    ['/v1/a/1', 'a'],
    ['/b/1.json', 'b'],
    ['/?Action=List', 'list'],
    ['/?Action=Drop', 'drop'],
  ] as const) {
    assert.equal((await call('GET', target)).json, name, target);
  }
});
