import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  compileText,
  ENV,
  findingOf,
  outlined,
  refusalOf,
  requestOf,
  toolsOf,
} from '../support/compile.ts';

const BASE = 'https://api.example.com';

async function urlOf(
  path: string,
  input: Readonly<Record<string, unknown>> = {},
  parameters: readonly object[] = [],
): Promise<string> {
  const { tool } = await compileOutline({ path, parameters });
  const { url } = requestOf(tool, input);
  assert.ok(url.startsWith(BASE));
  return url.slice(BASE.length);
}

describe('forms of consumed paths', () => {
  const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['/', {}, '/'],
    ['/services/', {}, '/services/'],
    ['items', {}, '/items'],
    ['//items', {}, '/items'],
    ['/a//b', {}, '/a//b'],
    ['/{a}.json', { a: 'x' }, '/x.json'],
    ['/{sha}.{diffType}', { sha: 'abc', diffType: 'patch' }, '/abc.patch'],
    ['/issues/{repo}-{task}', { repo: 'r', task: 't/1' }, '/issues/r-t%2F1'],
    ['/v1/{account}:search', { account: 'a:b' }, '/v1/a%3Ab:search'],
    ['/v1/accounts:provision', {}, '/v1/accounts:provision'],
    ['/applications/@me', {}, '/applications/@me'],
    ["/A_Doc('{Id}')/to_Item", { Id: "O'Neil" }, "/A_Doc('O%27Neil')/to_Item"],
    ["/A(P='{P}',S='{S}')", { P: '1', S: "')or('" }, "/A(P='1',S='%27%29or%28%27')"],
    ['/files/{file_id}#add_shared_link', { file_id: '7' }, '/files/7'],
    ['/#ListJobs', {}, '/'],
    ['#ListJobs', {}, '/'],
    ['/{proxy+}', { 'proxy+': 'a b' }, '/a%20b'],
    ['/{{id}}/x', { id: 1 }, '/1/x'],
    ['/{{ id }}', { id: 1 }, '/1'],
    ['/{two words}', { 'two words': 'v' }, '/v'],
    ['/ünï/{x}/a b"<>\\^`', { x: 'é' }, '/%C3%BCn%C3%AF/%C3%A9/a%20b%22%3C%3E%5C%5E%60'],
    ['/100%/%41%zz/%2F', {}, '/100%25/%41%25zz/%2F'],
    ['/{a}{b}', { a: '1', b: '2' }, '/12'],
    ['{id}/x', { id: '1' }, '/1/x'],
  ];
  for (const [path, input, expected] of cases) {
    test(`${path} gives ${expected}`, async () => assert.equal(await urlOf(path, input), expected));
  }
});

describe('the base and the path are joined with exactly one slash', () => {
  for (const [baseUri, path, expected] of [
    ['https://h.example', '/a', 'https://h.example/a'],
    ['https://h.example/', '/a', 'https://h.example/a'],
    ['https://h.example/v1', 'a', 'https://h.example/v1/a'],
    ['https://h.example/v1/', '/a', 'https://h.example/v1/a'],
    ['https://h.example/v1//', '//a', 'https://h.example/v1/a'],
    ['https://h.example/graphql', '', 'https://h.example/graphql'],
    ['https://h.example', '', 'https://h.example/'],
    ['https://h.example/v1', '/', 'https://h.example/v1/'],
    ['https://h.example/v1', '?acl', 'https://h.example/v1?acl'],
    ['https://h.example/v1', '{id}', 'https://h.example/v1/7'],
    ['HTTPS://H.Example:443/V1', '/a', 'https://h.example/V1/a'],
    ['https://h.example:9243', '/a', 'https://h.example:9243/a'],
    ['https://bücher.example', '/a', 'https://xn--bcher-kva.example/a'],
  ] as const) {
    test(`${baseUri} and ${path}`, async () => {
      const { tool } = await compileOutline({ baseUri, path });
      assert.equal(requestOf(tool, { id: 7 }).url, expected);
    });
  }
});

describe('a value fills one segment', () => {
  for (const [value, expected] of [
    ['a/b', 'a%2Fb'],
    ['a?b=c', 'a%3Fb%3Dc'],
    ['a#b', 'a%23b'],
    ['100%', '100%25'],
    ['%2e%2e', '%252e%252e'],
    ['../x', '..%2Fx'],
    ['...', '...'],
    ['a\\b', 'a%5Cb'],
    ['a b+c&d', 'a%20b%2Bc%26d'],
    ["!'()*", '%21%27%28%29%2A'],
    ['~-._', '~-._'],
    ['Zoë ☃ 😀', 'Zo%C3%AB%20%E2%98%83%20%F0%9F%98%80'],
    ['a\nb', 'a%0Ab'],
    [0, '0'],
    [-0, '0'],
    [false, 'false'],
    [['a', 'b/c', 'd,e'], 'a,b%2Fc,d%2Ce'],
    [{ a: 1 }, '%7B%22a%22%3A1%7D'],
  ] as const) {
    test(`${JSON.stringify(value)} becomes ${expected}`, async () =>
      assert.equal(await urlOf('/x/{v}/y', { v: value }), `/x/${expected}/y`));
  }

  for (const [value, reason] of [
    ['', /^v must not be empty/],
    ['.', /^v must not be "\.": it would name another path/],
    ['..', /^v must not be "\.\."/],
    ['a\0b', /^v must not hold a NUL character/],
    ['\ud800', /^v holds a broken character/],
    ['a\udc00b', /^v holds a broken character/],
    [undefined, /^v is needed in the path and was not given/],
    [[], /^v must not be empty/],
    [['..'], /^v must not be "\.\."/],
  ] as const) {
    test(`${JSON.stringify(value) ?? 'absent'} is refused`, async () => {
      const { tool } = await compileOutline({ path: '/x/{v}' });
      assert.match(
        refusalOf(() => requestOf(tool, { v: value })),
        reason,
      );
    });
  }

  test('all that is refused is named, as the caller knows it', async () => {
    const { tool } = await compileOutline({
      path: '/x/{v}/{w}',
      parameters: [{ name: 'h', in: 'header' }],
      with: { v: 'tools.one', w: 'x-{{two}}', h: 'tools.three' },
    });
    assert.match(
      refusalOf(() => requestOf(tool, { one: '..', two: '\ud800', three: 'a\nb' })),
      /^one must not be "\.\.".*; w holds a broken character.*; three must not hold line breaks/,
    );
  });
});

describe('constants in a path', () => {
  test('a literal of with is one segment, too', async () => {
    const { tool } = await compileOutline({ path: '/a/{x}', with: { x: 'p/q' } });
    assert.equal(requestOf(tool).url, `${BASE}/a/p%2Fq`);
  });

  test('one that cannot be a segment is refused at load', async () => {
    const compiled = await compileText(outlined({ path: '/a/{x}', with: { x: '..' } }));
    const found = findingOf(compiled, 'VALUE_NOT_ALLOWED');
    assert.match(found.message, /The value of \{x\} in "\/a\/\{x\}" must not be "\.\."/);
    assert.match(outlined({ path: '/a/{x}' }).split('\n')[found.line - 1] ?? '', /"path": "\/a/);
  });

  test('a bound {{VAR}} may span segments and is no input', async () => {
    const { tool } = await compileOutline(
      { binds: ENV, path: '/{{KEY}}/x/{{env.OTHER}}' },
      { environment: { KEY: 'v1/proj ects', OTHER: 'a?b' } },
    );
    assert.deepEqual(tool.operation.inputs, []);
    assert.equal(requestOf(tool).url, `${BASE}/v1/proj%20ects/x/a%3Fb`);
  });

  test('a {VAR} in single braces is an input, whatever the binds', async () => {
    const { tool } = await compileOutline(
      { binds: ENV, path: '/{KEY}' },
      { environment: { KEY: 'secret' } },
    );
    assert.equal(requestOf(tool, { KEY: 'given' }).url, `${BASE}/given`);
  });

  test('a brace that belongs to no variable is told and sent as it stands', async () => {
    const compiled = await compileText(outlined({ path: '/a/{x' }));
    assert.match(findingOf(compiled, 'TEMPLATE_INVALID').message, /"\/a\/\{x" holds a brace/);
    assert.equal(findingOf(compiled, 'TEMPLATE_INVALID').severity, 'warning');
    const [tool] = toolsOf(compiled);
    assert.ok(tool !== undefined);
    assert.equal(requestOf(tool).url, `${BASE}/a/%7Bx`);
  });
});

describe("the path's own query", () => {
  const param = (name: string, more: object = {}): object => ({ name, in: 'query', ...more });

  for (const [path, input, parameters, expected] of [
    ['/?Action=Run', {}, [], '/?Action=Run'],
    [
      '/?Action=Run',
      { Id: ['1', '2'] },
      [param('Id', { type: 'array' })],
      '/?Action=Run&Id=1&Id=2',
    ],
    ['/{B}?acl', { B: 'b' }, [], '/b?acl'],
    ['/b?acl&', { x: 1 }, [param('x')], '/b?acl&x=1'],
    ['/k?uploadId={uploadId}', { uploadId: 'a&b=c#d' }, [], '/k?uploadId=a%26b%3Dc%23d'],
    ['/k?part={p}&uploadId={u}', { p: 1, u: '' }, [], '/k?part=1&uploadId='],
    ['/k?{flag}', { flag: 'acl' }, [], '/k?acl'],
    ['/k?a=1&a=2', {}, [], '/k?a=1&a=2'],
    ['/k?a=1&b=2', { a: 'new' }, [param('a')], '/k?b=2&a=new'],
    ['/k?a=1&b=2', {}, [param('a')], '/k?b=2&a=1'],
    ['/k?a=1&a=2&b=3', { a: 'x' }, [param('a')], '/k?b=3&a=x'],
    ['/k?f%5Bn%5D=1', { 'f[n]': 2 }, [param('f[n]')], '/k?f%5Bn%5D=2'],
    ['/k?a=b c&d=é', {}, [], '/k?a=b%20c&d=%C3%A9'],
    ['/k?id={id}', {}, [param('id')], '/k'],
    ['/k?a=1#label?x=y', {}, [], '/k?a=1'],
  ] as const) {
    test(`${path} with ${JSON.stringify(input)} gives ${expected}`, async () => {
      const url = await urlOf(path, input, parameters);
      const sorted = (text: string): string[] => {
        const [before, query = ''] = text.split('?');
        return [before ?? '', ...query.split('&').sort()];
      };
      assert.deepEqual(sorted(url), sorted(expected));
    });
  }

  test('a fixed parameter of the same name replaces the pair', async () => {
    assert.equal(await urlOf('/k?v=1', {}, [param('v', { value: '2' })]), '/k?v=2');
  });

  test('a variable in it is a required input, unless declared optional', async () => {
    const implicit = await compileOutline({ path: '/k?u={u}' });
    assert.deepEqual(implicit.tool.definition.inputSchema.required, ['u']);
    const declared = await compileOutline({ path: '/k?u={u}', parameters: [param('u')] });
    assert.equal(declared.tool.definition.inputSchema.required, undefined);
    const demanded = await compileOutline({
      path: '/k?u={u}',
      parameters: [param('u', { required: true })],
    });
    assert.deepEqual(demanded.tool.definition.inputSchema.required, ['u']);
  });

  test('a broken character in it is refused', async () => {
    const { tool } = await compileOutline({ path: '/k?u={u}' });
    assert.match(
      refusalOf(() => requestOf(tool, { u: '\ud800' })),
      /^u holds a broken character/,
    );
  });
});

test('a path is read in time that grows with its length only', async () => {
  const compiled = await compileText(
    outlined({ path: `/${'{{'.repeat(50_000)}${' '.repeat(50_000)}` }),
  );
  assert.equal(findingOf(compiled, 'TEMPLATE_INVALID').severity, 'warning');
});
