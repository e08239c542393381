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
  refusalOf,
  requestOf,
  toolsOf,
} from '../support/compile.ts';

const header = (name: string, more: object = {}): object => ({ name, in: 'header', ...more });
const ACCEPT = 'application/json, */*;q=0.5';

describe('headers', () => {
  test('any declared header is sent, the standard ones too', async () => {
    const names = [
      'Authorization',
      'Accept',
      'User-Agent',
      'X-Signature-Ed25519',
      'seon-fp',
      'Content-Encoding',
    ];
    const { tool } = await compileOutline({ parameters: names.map((name) => header(name)) });
    const values = Object.fromEntries(names.map((name) => [name, `v-${name}`]));
    assert.deepEqual(
      requestOf(tool, values).headers,
      Object.fromEntries(names.map((name) => [name.toLowerCase(), `v-${name}`])),
    );
  });

  test('a list is joined with commas, an object is JSON text, bytes are UTF-8', async () => {
    const { tool } = await compileOutline({ parameters: [header('X-A')] });
    const sent = (value: unknown): string | undefined =>
      requestOf(tool, { 'X-A': value }).headers['x-a'];
    assert.equal(sent(['a', 1]), 'a,1');
    assert.equal(sent({ a: 1 }), '{"a":1}');
    assert.equal(sent('tab\there'), 'tab\there');
    assert.equal(Buffer.from(sent('Zoë ☃') ?? '', 'latin1').toString('utf8'), 'Zoë ☃');
  });

  for (const value of [
    'a\r\nX-Evil: 1',
    'a\nb',
    'a\rb',
    'a\0b',
    'a\x7f',
    '\x1b[0m',
    ['a', 'b\n'],
  ]) {
    test(`${JSON.stringify(value)} is refused`, async () => {
      const { route, tool } = await compileOutline({
        parameters: [header('X-A')],
        with: { 'X-A': 'rest.note' },
      });
      for (const plan of [route, tool]) {
        assert.match(
          refusalOf(() => requestOf(plan, { note: value })),
          /^note must not hold line breaks, NUL or other control characters/,
        );
      }
    });
  }

  test('without a declared Accept, one that fits the format', async () => {
    for (const [format, accept] of [
      [undefined, ACCEPT],
      ['json', ACCEPT],
      ['xml', 'application/xml, text/xml;q=0.9, */*;q=0.5'],
      ['csv', 'text/csv, */*;q=0.5'],
      ['binary', '*/*'],
    ] as const) {
      const { tool } = await compileOutline({ operation: { outputRawFormat: format } });
      assert.equal(requestOf(tool).headers.accept, accept, format);
    }
  });

  test('a declared Accept that is not given leaves the default', async () => {
    const { tool } = await compileOutline({ parameters: [header('Accept')] });
    assert.equal(requestOf(tool).headers.accept, ACCEPT);
    assert.equal(requestOf(tool, { Accept: 'text/csv' }).headers.accept, 'text/csv');
  });

  test('headers of the block are sent with every request; a given input takes their place', async () => {
    const { tool } = await compileOutline(
      {
        binds: ENV,
        consumes: { headers: { 'X-Version': 2, 'X-Key': '{{KEY}}', 'x-lang': 'en' } },
        parameters: [header('X-Lang')],
      },
      { environment: { KEY: 'k' } },
    );
    assert.deepEqual(requestOf(tool).headers, {
      accept: ACCEPT,
      'x-version': '2',
      'x-key': 'k',
      'x-lang': 'en',
    });
    assert.equal(requestOf(tool, { 'X-Lang': 'fr' }).headers['x-lang'], 'fr');
  });

  test('a header of the block may draw on an input of the call', async () => {
    const { tool } = await compileOutline({
      consumes: { headers: { 'X-Trace': 'for-{{q}}' } },
      parameters: [{ name: 'q', in: 'query' }],
    });
    assert.equal(requestOf(tool, { q: '1' }).headers['x-trace'], 'for-1');
    assert.equal(requestOf(tool).headers['x-trace'], undefined);
  });

  test('a managed header of the block is told once and not sent', async () => {
    const compiled = await compileText(
      outlined({ consumes: { headers: { Host: 'evil.example' } } }),
    );
    const found = findingOf(compiled, 'HEADER_MANAGED');
    assert.equal(found.severity, 'warning');
    assert.equal(found.pointer, '/capability/consumes/0/headers/Host');
  });

  test('what cannot be a header name or value is refused at load', async () => {
    const name = await compileText(outlined({ parameters: [header('X Y', { value: 'a' })] }));
    assert.match(findingOf(name, 'VALUE_NOT_ALLOWED').message, /"X Y" cannot be a header name/);
    const value = await compileText(
      outlined({ binds: ENV, consumes: { headers: { 'X-K': '{{KEY}}' } } }),
      { environment: { KEY: 'secret\n' } },
    );
    const found = findingOf(value, 'VALUE_NOT_ALLOWED');
    assert.match(found.message, /The header "X-K" must not hold line breaks/);
    assert.doesNotMatch(found.message, /secret/);
  });

  test('a descriptive header is never demanded, another required one is', async () => {
    const { tool } = await compileOutline({
      parameters: [header('If-Match', { required: true }), header('X-A', { required: true })],
      with: { 'If-Match': 'tools.etag', 'X-A': 'tools.a' },
    });
    assert.deepEqual(tool.definition.inputSchema.required, ['a']);
  });

  test('REST reads a header input from the header of its name', async () => {
    const { route } = await compileOutline({
      parameters: [header('X-Trace-Id')],
      with: { 'X-Trace-Id': 'rest.Trace' },
    });
    assert.deepEqual(inputOf(route, 'Trace').from, { in: 'header', name: 'trace' });
  });
});

test('operations that always send the same headers share one list of them', async () => {
  const text = JSON.parse(outlined({ parameters: [header('X-Team', { value: 'blue' })] }));
  const [consumes] = text.capability.consumes;
  const [operation] = consumes.resources[0].operations;
  consumes.resources[0].operations.push({ ...operation, name: 'other' });
  const [, mcp] = text.capability.exposes;
  mcp.tools.push({ name: 'another', description: 'Another.', call: 'api.other' });
  const compiled = await compileText(JSON.stringify(text));
  const [one, other] = toolsOf(compiled).map(
    ({ operation }) => operation.steps[0]?.build({ input: {}, steps: {} }).headers,
  );
  assert.deepEqual(one, ['accept', ACCEPT, 'x-team', 'blue']);
  assert.equal(one, other);
});

describe('cookies', () => {
  const cookie = (name: string, more: object = {}): object => ({ name, in: 'cookie', ...more });

  test('those that are given share one header, with the fixed ones', async () => {
    const { tool } = await compileOutline({
      parameters: [cookie('sid'), cookie('lang', { value: 'en' }), cookie('theme')],
    });
    assert.equal(requestOf(tool, { sid: 'abc' }).headers.cookie, 'sid=abc; lang=en');
    assert.equal(
      requestOf(tool, { sid: '1', theme: '2' }).headers.cookie,
      'sid=1; lang=en; theme=2',
    );
  });

  test('what no cookie may hold is percent-encoded, the rest stays', async () => {
    const { tool } = await compileOutline({ parameters: [cookie('s')] });
    const sent = (value: unknown): string | undefined =>
      requestOf(tool, { s: value }).headers.cookie;
    assert.equal(sent('aGk=/+=='), 's=aGk=/+==');
    assert.equal(sent('a b;c,"d\\é%\r\n'), 's=a%20b%3Bc%2C%22d%5C%C3%A9%25%0D%0A');
    assert.match(
      refusalOf(() => requestOf(tool, { s: '\ud800' })),
      /^s holds a broken character/,
    );
  });
});

describe('credentials', () => {
  const evil = [header('Authorization'), header('x-api-key')];

  for (const [authentication, name, value] of [
    [{ type: 'bearer', token: '{{KEY}}' }, 'authorization', 'Bearer s3cret'],
    [
      { type: 'basic', username: 'ann', password: '{{env.KEY}}' },
      'authorization',
      `Basic ${Buffer.from('ann:s3cret').toString('base64')}`,
    ],
    [{ type: 'apikey', key: 'X-API-Key', value: 'k-{{KEY}}' }, 'x-api-key', 'k-s3cret'],
    [
      { type: 'apikey', key: 'Authorization', value: '{{KEY}}', placement: 'header' },
      'authorization',
      's3cret',
    ],
  ] as const) {
    test(`${authentication.type} in ${name} wins over an input of the same header`, async () => {
      const { route, tool, compiled } = await compileOutline(
        { binds: ENV, consumes: { authentication }, parameters: evil },
        { environment: { KEY: 's3cret' } },
      );
      for (const plan of [route, tool]) {
        const sent = requestOf(plan, { Authorization: 'evil', 'x-api-key': 'evil' });
        assert.equal(sent.headers[name], value);
      }
      assert.ok(compiled.secrets.has('s3cret'));
      assert.equal(compiled.draft.consumes[0]?.authentication, authentication.type);
    });
  }

  test('a base64 of name and password is a secret, too, and so is a literal', async () => {
    const { compiled } = await compileOutline({
      consumes: { authentication: { type: 'basic', username: 'ann', password: 'plain-text' } },
    });
    assert.ok(compiled.secrets.has('plain-text'));
    assert.ok(compiled.secrets.has(Buffer.from('ann:plain-text').toString('base64')));
    assert.ok(!compiled.secrets.has('ann'));
  });

  test('a basic credential may be a key alone, on either side of the colon', async () => {
    for (const [username, password, pair] of [
      ['key', '', 'key:'],
      ['', 'pat', ':pat'],
      ['Zoë', 'pä:ss', 'Zoë:pä:ss'],
    ] as const) {
      const { tool } = await compileOutline({
        consumes: { authentication: { type: 'basic', username, password } },
      });
      const { authorization } = requestOf(tool).headers;
      assert.equal(authorization, `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`);
    }
  });

  test('a credential that is no ASCII goes out as UTF-8', async () => {
    const { tool } = await compileOutline({
      consumes: { authentication: { type: 'bearer', token: 'schlüssel' } },
    });
    const { authorization = '' } = requestOf(tool).headers;
    assert.equal(Buffer.from(authorization, 'latin1').toString('utf8'), 'Bearer schlüssel');
  });

  for (const [authentication, message, pointer] of [
    [{ type: 'bearer' }, /Authentication of type bearer needs "token"/, ''],
    [{ type: 'bearer', token: '' }, /needs "token", which is missing or empty/, ''],
    [{ type: 'bearer', token: ' ' }, /"token" is empty once its variables are filled in/, '/token'],
    [
      { type: 'bearer', token: '{{KEY}}' },
      /"token" cannot be sent: it holds a line break/,
      '/token',
    ],
    [
      { type: 'basic', username: 'a', password: '{{KEY}}' },
      /"password" cannot be sent/,
      '/password',
    ],
    [
      { type: 'basic', username: 'a:b', password: 'c' },
      /A user name cannot hold a colon/,
      '/username',
    ],
    [{ type: 'basic', password: 'c' }, /needs "username"/, ''],
    [{ type: 'apikey', key: 'X-K', value: '{{KEY}}' }, /"value" cannot be sent/, '/value'],
    [
      { type: 'apikey', key: 'k', value: '{{KEY}}', placement: 'query' },
      /"value" cannot be sent/,
      '/value',
    ],
    [{ type: 'apikey', value: 'v' }, /Authentication of type apikey needs "key"/, ''],
    [{ type: 'apikey', key: 'X K', value: 'v' }, /cannot be sent in a header "x k"/, '/key'],
    [{ type: 'apikey', key: 'Host', value: 'v' }, /cannot be sent in a header "host"/, '/key'],
  ] as const) {
    test(`${JSON.stringify(authentication)} is refused at load`, async () => {
      const compiled = await compileText(outlined({ binds: ENV, consumes: { authentication } }), {
        environment: { KEY: 'tok3n\n' },
      });
      const found = findingOf(compiled, 'AUTHENTICATION_INCOMPLETE');
      assert.match(found.message, message);
      assert.doesNotMatch(found.message, /tok3n/);
      assert.equal(found.pointer, `/capability/consumes/0/authentication${pointer}`);
      assert.equal(compiled.plan, undefined);
    });
  }

  test('both empty are two findings', async () => {
    const compiled = await compileText(
      outlined({ consumes: { authentication: { type: 'basic', username: '', password: '' } } }),
    );
    assert.equal(foundOf(compiled, 'AUTHENTICATION_INCOMPLETE').length, 2);
  });
});
