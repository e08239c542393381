import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  compileText,
  ENV,
  findingOf,
  foundOf,
  inputOf,
  outlined,
  queryOf,
  requestOf,
  routesOf,
  sendOf,
  toolsOf,
} from '../support/compile.ts';

const query = (...names: string[]): object[] => names.map((name) => ({ name, in: 'query' }));

describe('where a value comes from', () => {
  test('rest., tools. and the namespace of the expose lead an input on both faces', async () => {
    const { route, tool } = await compileOutline({
      parameters: query('a', 'b', 'c', 'd'),
      with: { a: 'rest.one', b: 'tools.two', c: 'web.three', d: 'mcp.four' },
    });
    assert.deepEqual(
      route.operation.inputs.map(({ name }) => name),
      ['one', 'two', 'three'],
    );
    assert.deepEqual(
      tool.operation.inputs.map(({ name }) => name),
      ['one', 'two', 'four'],
    );
    const sent = requestOf(route, { one: 1, two: 2, three: 3 });
    assert.deepEqual(queryOf(sent), [
      ['d', 'mcp.four'],
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
  });

  test('both spellings mixed in one file mean the same', async () => {
    const compiled = await compileText(
      `
naftiko: 1.0.0-alpha2
binds:
- namespace: env
  keys: {KEY: KEY}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: https://api.example.com
    authentication: {type: bearer, token: '{{env.KEY}}'}
    resources:
    - path: /a/{id}/b/{{sub}}
      operations:
      - name: op
        method: GET
        inputParameters:
        - {name: X-Key, in: header, value: '{{KEY}}'}
        - {name: q, in: query, type: string, required: false}
  exposes:
  - type: rest
    namespace: web
    port: 8080
    resources:
    - path: /one/{{id}}/{sub}
      operations:
      - {method: GET, call: api.op, with: {id: web.id, sub: rest.sub, q: '{{q}}'}, outputParameters: [{type: object, mapping: $.}]}
`,
      { environment: { KEY: 'k-1' } },
    );
    assert.deepEqual(compiled.findings, []);
    const [route] = routesOf(compiled);
    assert.ok(route !== undefined);
    const sent = requestOf(route, { id: '1', sub: '2', q: 'x' });
    assert.equal(sent.url, 'https://api.example.com/a/1/b/2?q=x');
    assert.equal(sent.headers.authorization, 'Bearer k-1');
    assert.equal(sent.headers['x-key'], 'k-1');
    assert.deepEqual(inputOf(route, 'id').from, { in: 'path', name: 'id' });
    assert.equal(route.operation.answer.kind, 'identity');
  });

  for (const name of [
    'body.command',
    '$select',
    'fields[]',
    '@id',
    'a+b',
    'two words',
    'é',
    'x-y_z',
  ]) {
    test(`the input ${name} is split off at the first dot only`, async () => {
      const { route, tool } = await compileOutline({
        parameters: query(name),
        with: { [name]: `rest.${name}` },
      });
      for (const plan of [route, tool]) {
        assert.equal(inputOf(plan, name).name, name);
        assert.deepEqual(queryOf(requestOf(plan, { [name]: 'v' })), [[name, 'v']]);
      }
    });
  }

  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
    test(`the input ${name} is a name like any other`, async () => {
      const { route, tool } = await compileOutline({
        parameters: [
          { name: 'id', in: 'path' },
          { name: 'h', in: 'header' },
        ],
        path: `/things/{${name}}`,
        route: `/r/{${name}}`,
        with: { h: `rest.${name}` },
      });
      assert.deepEqual(inputOf(route, name).from, { in: 'path', name });
      assert.deepEqual(JSON.parse(JSON.stringify(tool.definition.inputSchema)).required, [name]);
      const sent = requestOf(tool, JSON.parse(`{"${name}": "v"}`));
      assert.equal(sent.url, 'https://api.example.com/things/v');
      assert.equal(sent.headers.h, 'v');
      assert.equal(({} as Record<string, unknown>).h, undefined);
    });
  }

  test('a literal is sent as it is: text, numbers, booleans', async () => {
    const { route } = await compileOutline({
      parameters: query('a', 'b', 'c', 'd', 'e', 'f'),
      with: { a: 'fixed', b: 7, c: false, d: '', e: 'other.x', f: 0 },
    });
    assert.deepEqual(route.operation.inputs, []);
    assert.equal(
      requestOf(route).url,
      'https://api.example.com/things?a=fixed&b=7&c=false&d=&e=other.x&f=0',
    );
  });

  test('a template draws on inputs and binds; a value is never scanned again', async () => {
    const { route, tool } = await compileOutline(
      {
        binds: ENV,
        parameters: query('a', 'b', 'c', 'd'),
        with: { a: '{{x}}-{{KEY}}', b: '{{y}}', c: '{{env.OTHER}}', d: '{{rest.x}}/{{tools.y}}' },
      },
      { environment: { KEY: '{{x}}', OTHER: 'o' } },
    );
    for (const plan of [route, tool]) {
      assert.deepEqual(
        plan.operation.inputs.map(({ name }) => name),
        ['x', 'y'],
      );
      assert.deepEqual(queryOf(requestOf(plan, { x: '{{KEY}}', y: '{{OTHER}}' })), [
        ['c', 'o'],
        ['a', '{{KEY}}-{{x}}'],
        ['b', '{{OTHER}}'],
        ['d', '{{KEY}}/{{OTHER}}'],
      ]);
    }
  });

  test('a declared input wins over a bind of its name', async () => {
    const { route } = await compileOutline(
      {
        binds: ENV,
        declared: [{ name: 'KEY', in: 'query' }],
        parameters: query('a'),
        with: { a: '{{KEY}}' },
      },
      { environment: { KEY: 'secret' } },
    );
    assert.equal(requestOf(route, { KEY: 'given' }).url, 'https://api.example.com/things?a=given');
  });

  test('a piece of a template is text, and no whole body', async () => {
    const { route } = await compileOutline({
      method: 'POST',
      parameters: [{ name: 'body', in: 'body', type: 'object' }],
      with: { body: '{"id": "{{id}}"}' },
    });
    const input = inputOf(route, 'id');
    assert.equal(input.type, 'string');
    assert.deepEqual(input.from, { in: 'body', name: 'id', whole: false });
    assert.equal(requestOf(route, { id: 'x' }).body, '{"id": "x"}');
  });

  test('a reference to a step is an error in a simple call', async () => {
    const compiled = await compileText(
      outlined({ parameters: query('a'), with: { a: '$.get-user.id' } }),
    );
    const [found] = foundOf(compiled, 'REFERENCE_UNKNOWN');
    assert.match(found?.message ?? '', /"\$\.get-user\.id" refers to an earlier step/);
    assert.equal(compiled.plan, undefined);
  });
});

describe('an absent optional input is left out, a value is sent', () => {
  const outline = {
    method: 'POST',
    parameters: [
      { name: 'q', in: 'query' },
      { name: 'X-H', in: 'header' },
      { name: 'c', in: 'cookie' },
      { name: 'f', in: 'body', type: 'any' },
      { name: 'g', in: 'body', type: 'any' },
    ],
    with: { q: 'rest.q', 'X-H': 'rest.h', c: 'rest.c', f: 'rest.f', g: '{{rest.g}}' },
  };

  test('absent in query, header, cookie and body', async () => {
    const { route, tool } = await compileOutline(outline);
    for (const plan of [route, tool]) {
      assert.deepEqual(sendOf(plan, {}), {
        method: 'POST',
        url: 'https://api.example.com/things',
        headers: { accept: 'application/json, */*;q=0.5' },
      });
    }
  });

  test('absent in a template leaves the whole template out', async () => {
    const { route } = await compileOutline({
      parameters: query('a'),
      with: { a: 'x-{{y}}' },
    });
    assert.equal(requestOf(route).url, 'https://api.example.com/things');
  });

  for (const value of [0, false, '', [], {}]) {
    test(`${JSON.stringify(value)} is sent`, async () => {
      const { route } = await compileOutline(outline);
      const sent = requestOf(route, { q: value, h: value, c: value, f: value, g: value });
      const text = Array.isArray(value) ? '' : typeof value === 'object' ? '{}' : String(value);
      assert.deepEqual(queryOf(sent), [['q', text]]);
      assert.equal(sent.headers['x-h'], text);
      assert.equal(sent.headers.cookie, `c=${Array.isArray(value) ? '[]' : text}`);
      assert.deepEqual(JSON.parse(sent.body ?? ''), { f: value, g: value });
    });
  }
});

describe('implicit path variables', () => {
  test('one that nothing declares is a required input of its name on both faces', async () => {
    const { route, tool } = await compileOutline({
      path: '/a/{id}/b/{subId}',
      route: '/r/{id}',
    });
    assert.deepEqual(inputOf(route, 'id').from, { in: 'path', name: 'id' });
    assert.deepEqual(inputOf(route, 'subId').from, { in: 'query', name: 'subId' });
    assert.equal(inputOf(route, 'id').required, true);
    assert.deepEqual(tool.definition.inputSchema, {
      type: 'object',
      properties: {
        id: { type: 'string', description: 'Fills {id} in GET /a/{id}/b/{subId}' },
        subId: { type: 'string', description: 'Fills {subId} in GET /a/{id}/b/{subId}' },
      },
      required: ['id', 'subId'],
    });
  });

  test('one that with feeds is required under the name that with gives', async () => {
    const { tool } = await compileOutline({ path: '/a/{id}', with: { id: 'tools.shipId' } });
    assert.deepEqual(tool.definition.inputSchema.required, ['shipId']);
  });

  test('one that a declared input matches but for case and marks is fed by it', async () => {
    const { route, tool } = await compileOutline({
      path: '/a/{imo_number}',
      route: '/r/{imo-number}',
      declared: [{ name: 'imo-number', in: 'path', required: false }],
    });
    assert.equal(requestOf(route, { 'imo-number': '7' }).url, 'https://api.example.com/a/7');
    assert.deepEqual(tool.definition.inputSchema.required, ['imo-number'], 'the path needs it');
  });

  test('a default makes it optional', async () => {
    const { tool } = await compileOutline({
      path: '/a/{id}',
      parameters: [{ name: 'id', in: 'path', default: 'me' }],
    });
    assert.equal(tool.definition.inputSchema.required, undefined);
    assert.equal(sendOf(tool, {}).url, 'https://api.example.com/a/me');
  });
});

describe('a fixed value', () => {
  test('of a consumed parameter is no input and no schema property', async () => {
    const { route, tool } = await compileOutline({
      path: '/a/{version}',
      parameters: [
        { name: 'version', in: 'path', value: 'v2' },
        { name: 'per', in: 'query', value: 50 },
        { name: 'X-A', in: 'header', value: 'a' },
        { name: 's', in: 'cookie', value: 'c' },
      ],
    });
    assert.deepEqual(route.operation.inputs, []);
    assert.deepEqual(tool.definition.inputSchema, { type: 'object', properties: {} });
    assert.deepEqual(requestOf(tool), {
      method: 'GET',
      url: 'https://api.example.com/a/v2?per=50',
      headers: { accept: 'application/json, */*;q=0.5', 'x-a': 'a', cookie: 's=c' },
    });
  });

  test('cannot be changed by with, which is told', async () => {
    const compiled = await compileText(
      outlined({
        parameters: [{ name: 'per', in: 'query', value: 50 }],
        with: { per: 'rest.per' },
      }),
    );
    const found = foundOf(compiled, 'WITH_TARGET_UNKNOWN');
    assert.equal(found.length, 2);
    assert.match(found[0]?.message ?? '', /"per" has a fixed value in api\.op/);
    const [route] = routesOf(compiled);
    assert.ok(route !== undefined);
    assert.deepEqual(route.operation.inputs, []);
    assert.equal(requestOf(route, { per: 1 }).url, 'https://api.example.com/things?per=50');
  });

  test('may be a template over inputs of the call and binds, also inside lists and objects', async () => {
    const { route } = await compileOutline(
      {
        binds: ENV,
        parameters: [
          { name: 'q', in: 'query' },
          { name: 'mix', in: 'query', value: '{{q}}+{{KEY}}' },
          { name: 'list', in: 'query', value: ['{{q}}', 'x'] },
          { name: 'X-M', in: 'header', value: '{{missing-here}}' },
          { name: 'missing-here', in: 'query' },
        ],
        with: { q: 'rest.q' },
      },
      { environment: { KEY: 'k' } },
    );
    const sent = requestOf(route, { q: 'v' });
    assert.deepEqual(queryOf(sent), [
      ['q', 'v'],
      ['mix', 'v+k'],
      ['list', 'v'],
      ['list', 'x'],
    ]);
    assert.equal(sent.headers['x-m'], undefined);
  });

  test('of a declared input is no input, wherever with hands it on', async () => {
    const { route, tool } = await compileOutline({
      declared: [
        { name: 'kind', in: 'query', value: 'ship' },
        { name: 'q', in: 'query' },
      ],
      parameters: query('kind', 'q', 'other'),
      with: { q: 'rest.q', other: 'rest.kind', kind: '{{kind}}s' },
    });
    for (const plan of [route, tool]) {
      assert.deepEqual(
        plan.operation.inputs.map(({ name }) => name),
        ['q'],
      );
      assert.deepEqual(queryOf(requestOf(plan, { q: '1', kind: 'evil' })), [
        ['kind', 'ships'],
        ['other', 'ship'],
        ['q', '1'],
      ]);
    }
  });
});

describe('with keys', () => {
  test('one that names nothing is told with its line and the name that was meant', async () => {
    const compiled = await compileText(
      outlined({ parameters: query('limit'), with: { limti: 'rest.limit' }, tool: { with: {} } }),
    );
    const found = findingOf(compiled, 'WITH_TARGET_UNKNOWN');
    assert.equal(found.severity, 'warning');
    assert.match(
      found.message,
      /"limti" is neither a parameter nor a path variable of api\.op \(GET \/things\)/,
    );
    assert.equal(found.suggestion, 'limit');
    assert.match(
      lineOf(
        outlined({ parameters: query('limit'), with: { limti: 'rest.limit' }, tool: { with: {} } }),
        found.line,
      ),
      /limti/,
    );
    assert.deepEqual(routesOf(compiled)[0]?.operation.inputs, []);
  });

  test('a path parameter that the path does not have is told and not sent', async () => {
    const compiled = await compileText(
      outlined({
        parameters: [{ name: 'id', in: 'path' }],
        with: { id: 'rest.id' },
        tool: { with: {} },
      }),
    );
    assert.match(
      findingOf(compiled, 'PARAMETER_UNPLACED').message,
      /"id" is declared in the path of api\.op, but "\/things" has no \{id\}/,
    );
    assert.deepEqual(routesOf(compiled)[0]?.operation.inputs, []);
  });

  test('a header that the gateway manages is told and left out', async () => {
    for (const name of ['Host', 'Content-Length', 'transfer-encoding', 'Proxy-Authorization']) {
      const compiled = await compileText(
        outlined({
          parameters: [{ name, in: 'header' }],
          with: { [name]: 'rest.h' },
          tool: { with: {} },
        }),
      );
      assert.match(
        findingOf(compiled, 'HEADER_MANAGED').message,
        new RegExp(`"${name}" belongs to the connection`),
      );
      assert.deepEqual(routesOf(compiled)[0]?.operation.inputs, []);
    }
  });

  test('one may name what only a template of the consumed side uses', async () => {
    const { route } = await compileOutline({
      parameters: [{ name: 'sort', in: 'query', value: 'by-{{ field }}' }],
      with: { field: 'rest.field' },
    });
    assert.equal(
      requestOf(route, { field: 'name' }).url,
      'https://api.example.com/things?sort=by-name',
    );
    assert.equal(requestOf(route).url, 'https://api.example.com/things');
  });

  test('an input that feeds two parameters is one input, typed by the first', async () => {
    const { route } = await compileOutline({
      parameters: [
        { name: 'size', in: 'query', type: 'integer' },
        { name: 'label', in: 'query', type: 'string' },
      ],
      with: { size: 'rest.n', label: 'rest.n' },
    });
    assert.deepEqual(
      route.operation.inputs.map(({ name, type }) => [name, type]),
      [['n', 'integer']],
    );
    assert.deepEqual(queryOf(sendOf(route, { n: '7' })), [
      ['size', '7'],
      ['label', '7'],
    ]);
  });

  test('with does not feed what it does not name, even where an input has the name', async () => {
    const { route } = await compileOutline({
      parameters: query('a', 'b'),
      with: { a: 'rest.b' },
    });
    assert.equal(requestOf(route, { b: 'x' }).url, 'https://api.example.com/things?a=x');
  });
});

describe('a name in two places', () => {
  test('gets the one value in both', async () => {
    const { route } = await compileOutline({
      path: '/a/{id}',
      parameters: [
        { name: 'id', in: 'header' },
        { name: 'id', in: 'query' },
        { name: 'id', in: 'path', type: 'integer' },
      ],
      with: { id: 'rest.id' },
    });
    assert.equal(inputOf(route, 'id').type, 'integer', 'the path decides');
    const sent = requestOf(route, { id: 7 });
    assert.equal(sent.url, 'https://api.example.com/a/7?id=7');
    assert.equal(sent.headers.id, '7');
  });

  test('with a fixed value in one of them, the other is fed', async () => {
    const { route } = await compileOutline({
      parameters: [
        { name: 'v', in: 'header', value: 'fixed' },
        { name: 'v', in: 'query' },
      ],
      with: { v: 'rest.v' },
    });
    const sent = requestOf(route, { v: 'given' });
    assert.equal(sent.headers.v, 'fixed');
    assert.equal(sent.url, 'https://api.example.com/things?v=given');
  });
});

describe('what the exposed side declares', () => {
  test('goes to the parameter of its name where with says nothing', async () => {
    const { tool } = await compileOutline({
      declared: [{ name: 'status', type: 'string', required: false, description: 'Of a ship' }],
      parameters: query('status', 'secret'),
    });
    assert.deepEqual(tool.definition.inputSchema, {
      type: 'object',
      properties: { status: { type: 'string', description: 'Of a ship' } },
    });
    assert.equal(
      requestOf(tool, { status: 'at sea' }).url,
      'https://api.example.com/things?status=at%20sea',
    );
  });

  test('a tool input is required unless it says otherwise, a REST input only when it says so', async () => {
    const { route, tool } = await compileOutline({
      declared: [{ name: 'status', in: 'query' }],
      parameters: query('status'),
    });
    assert.equal(inputOf(tool, 'status').required, true);
    assert.equal(inputOf(route, 'status').required, false);
  });

  test('an input that with names beside the declared ones is told and taken', async () => {
    const compiled = await compileText(
      outlined({
        declared: [{ name: 'status', in: 'query' }],
        parameters: query('status', 'limit'),
        with: { status: 'rest.status', limit: 'rest.statsu' },
        tool: { with: { status: 'tools.status' } },
      }),
    );
    const found = findingOf(compiled, 'INPUT_UNDECLARED');
    assert.match(found.message, /The input "statsu" is not among the declared inputParameters/);
    assert.equal(found.suggestion, 'status');
    const [route] = routesOf(compiled);
    assert.ok(route !== undefined);
    assert.equal(requestOf(route, { statsu: '5' }).url, 'https://api.example.com/things?limit=5');
  });

  test('an input that goes nowhere is told', async () => {
    const compiled = await compileText(
      outlined({
        declared: [{ name: 'lost', in: 'query' }],
        parameters: query('q'),
        tool: { inputParameters: [] },
      }),
    );
    assert.match(findingOf(compiled, 'INPUT_UNUSED').message, /The input "lost" goes nowhere/);
  });

  test('inputs declared for a whole face belong to the operations that use them', async () => {
    const compiled = await compileText(`
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - namespace: api
    baseUri: https://api.example.com
    resources:
    - path: /a
      operations:
      - {name: a, method: GET, inputParameters: [{name: X-Tenant, in: header}]}
    - path: /b
      operations:
      - {name: b, method: GET}
  exposes:
  - type: rest
    namespace: web
    port: 8080
    inputParameters: [{name: X-Tenant, in: header, required: true}]
    resources:
    - path: /a
      operations: [{method: GET, call: api.a}]
    - path: /b
      operations: [{method: GET, call: api.b}]
`);
    assert.deepEqual(compiled.findings, []);
    const [a, b] = routesOf(compiled);
    assert.deepEqual(
      a?.operation.inputs.map(({ name, required }) => [name, required]),
      [['X-Tenant', true]],
    );
    assert.deepEqual(b?.operation.inputs, []);
  });

  test('one declaration nearer the operation replaces those farther off', async () => {
    const compiled = await compileText(`
naftiko: 1.0.0-alpha2
capability:
  consumes:
  - namespace: api
    baseUri: https://api.example.com
    inputParameters: [{name: Accept, in: header, value: text/plain}, {name: v, in: query, value: 1}]
    resources:
    - path: /a
      inputParameters: [{name: v, in: query, value: 2}]
      operations:
      - {name: a, method: GET, inputParameters: [{name: accept, in: header, value: text/csv}]}
  exposes:
  - type: mcp
    namespace: mcp
    port: 9090
    tools: [{name: a, call: api.a}]
`);
    const [tool] = toolsOf(compiled);
    assert.ok(tool !== undefined);
    assert.deepEqual(requestOf(tool), {
      method: 'GET',
      url: 'https://api.example.com/a?v=2',
      headers: { accept: 'text/csv' },
    });
  });
});

const lineOf = (text: string, line: number): string => text.split('\n')[line - 1] ?? '';
