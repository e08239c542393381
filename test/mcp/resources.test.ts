import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { compileResources } from '../../src/compile/resources.ts';
import type { GatewayError } from '../../src/errors.ts';
import { serveStdio } from '../../src/mcp/stdio.ts';
import { matchUri } from '../../src/mcp/uri-template.ts';
import { execute } from '../../src/runtime/execute.ts';
import { createUpstreamClient } from '../../src/upstream/client.ts';
import { connectAgent, rpc, sendRaw } from '../support/agent.ts';
import { type Compiling, compiling, folderOf } from '../support/faces.ts';
import { type Script, startUpstream, type TestUpstream } from '../support/upstream.ts';
import { answered, bounded, EVERYTHING, serveMcp, tool, toolset } from './toolbox.ts';

const capability = (resources: string, baseUri = 'http://127.0.0.1:9'): string => `
naftiko: 1.0.0-alpha2
capability:
  exposes:
  - type: mcp
    namespace: data
    port: 9090
    resources:
${resources.replace(/^/gm, '    ')}
  consumes:
  - type: http
    namespace: api
    baseUri: ${baseUri}
    resources:
    - path: /users/{id}
      operations:
      - {name: user, method: GET}
    - path: /schema
      operations:
      - {name: schema, method: GET}
    - path: /logo
      operations:
      - {name: logo, method: GET}
`;

const RESOURCES = `
- {name: schema, label: The schema, uri: data://schema, description: All tables, mimeType: application/json, call: api.schema}
- {name: docs, label: Guides, uri: docs://guides, description: How to, location: file:///./guides}
- {name: profile, label: Profile, uri: 'data://users/{userId}/profile', call: api.user, with: {id: data.userId}}
- {name: name, uri: 'data://names/{{who}}', mimeType: text/plain, call: api.user, with: {id: '{{who}}'}, outputParameters: [{type: string, mapping: $.name}]}
- {name: logo, uri: data://logo, call: api.logo}
`;

interface Served {
  readonly agent: Client;
  readonly url: string;
  readonly upstream: TestUpstream;
  readonly folder: string;
  readonly failures: [string | undefined, GatewayError][];
}

async function serve(t: TestContext, script: Script, maxFileBytes?: number): Promise<Served> {
  const upstream = await startUpstream(t, script);
  const folder = await folderOf(t, {
    'guides/start.md': '# Start',
    'guides/deep/two words & 100%.txt': 'héllo',
    'guides/pixel.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]),
    'guides/LICENSE': 'free',
    'guides/raw': Buffer.from([0xff, 0xfe, 0]),
    'guides/latin.txt': Buffer.from([0xe9]),
    'guides/.env': 'TOKEN=s3cret',
    'secret.txt': 'secret',
  });
  await symlink('../secret.txt', join(folder, 'guides/link.txt'));
  const client = createUpstreamClient({ userAgent: 'test' });
  t.after(() => client.close());
  const path = join(folder, 'a.yaml');
  const compiled = await compiling(path, capability(RESOURCES, upstream.origin));
  const resources = plansOf(compiled);
  assert.deepEqual(compiled.found(), []);
  const failures: Served['failures'] = [];
  const { url } = await serveMcp(
    t,
    { ...toolset([tool('a')]), resources },
    {
      run: async () => answered({}),
      readResource: (resource, values, { signal }) =>
        execute(resource.operation, values, { upstream: client, signal, hold: true }),
      mask: (text) => text.replaceAll('hush', '••••'),
      onFailure: (error, what) => failures.push([what, error]),
      ...(maxFileBytes === undefined ? {} : { maxFileBytes }),
    },
  );
  return { agent: await connectAgent(t, url), url, upstream, folder, failures };
}

const plansOf = ({ compilation, targets, expose }: Compiling) =>
  compileResources(compilation, targets, ...expose('mcp'));

/** The error a read ends with, as the protocol has it. */
async function refusedRead(
  url: string,
  uri: unknown,
): Promise<{ code: number; message: string; data: Record<string, unknown> }> {
  const { text } = await sendRaw(url, rpc('resources/read', { uri }), {
    accept: 'application/json',
  });
  const { error } = JSON.parse(text);
  assert.ok(error, text);
  return error;
}

test(
  'resources are declared and listed in file order, files by path, templates apart',
  bounded,
  async (t) => {
    const { agent } = await serve(t, {});
    assert.deepEqual(agent.getServerCapabilities(), EVERYTHING);
    const { resources } = await agent.listResources();
    const described = { title: 'Guides', description: 'How to' };
    assert.deepEqual(
      resources.map(({ uri, mimeType }) => [uri, mimeType]),
      [
        ['data://schema', 'application/json'],
        ['docs://guides/LICENSE', undefined],
        ['docs://guides/deep/two%20words%20%26%20100%25.txt', 'text/plain'],
        ['docs://guides/latin.txt', 'text/plain'],
        ['docs://guides/pixel.png', 'image/png'],
        ['docs://guides/raw', undefined],
        ['docs://guides/start.md', 'text/markdown'],
        ['data://logo', undefined],
      ],
    );
    assert.deepEqual(resources.at(-2), {
      uri: 'docs://guides/start.md',
      name: 'docs/start.md',
      title: `${described.title}: start.md`,
      description: described.description,
      mimeType: 'text/markdown',
      size: 7,
    });
    const { resourceTemplates } = await agent.listResourceTemplates();
    assert.deepEqual(resourceTemplates, [
      { uriTemplate: 'data://users/{userId}/profile', name: 'profile', title: 'Profile' },
      { uriTemplate: 'data://names/{who}', name: 'name', mimeType: 'text/plain' },
    ]);
  },
);

test(
  'every file that is listed can be read: text as text, anything else as a blob',
  bounded,
  async (t) => {
    const { agent } = await serve(t, {});
    const { resources } = await agent.listResources();
    const read: Record<string, unknown> = {};
    for (const { uri } of resources.filter((resource) => resource.uri.startsWith('docs:'))) {
      const { contents } = await agent.readResource({ uri });
      assert.equal(contents[0]?.uri, uri);
      const { uri: _, ...content } = contents[0] as { uri: string };
      read[uri.slice('docs://guides/'.length)] = content;
    }
    assert.deepEqual(read, {
      LICENSE: { mimeType: 'text/plain', text: 'free' },
      'deep/two%20words%20%26%20100%25.txt': { mimeType: 'text/plain', text: 'héllo' },
      'latin.txt': { mimeType: 'text/plain', blob: '6Q==' },
      'pixel.png': { mimeType: 'image/png', blob: 'iVBORwAB' },
      raw: { mimeType: 'application/octet-stream', blob: '//4A' },
      'start.md': { mimeType: 'text/markdown', text: '# Start' },
    });
  },
);

test('dynamic resources give what the operation gives', bounded, async (t) => {
  const { agent, upstream } = await serve(t, {
    'GET /schema': {
      body: '{"id":12345678901234567890}',
      headers: { 'content-type': 'text/html' },
    },
    'GET /users/a%2Fb%20%C3%BC': { body: { name: 'Ada "x"' } },
    'GET /logo': { body: Buffer.from([1, 2, 255]), headers: { 'content-type': 'image/png' } },
  });
  const read = async (uri: string) => (await agent.readResource({ uri })).contents;
  assert.deepEqual(await read('data://schema'), [
    { uri: 'data://schema', mimeType: 'application/json', text: '{"id":12345678901234567890}' },
  ]);
  const uri = 'data://users/a%2Fb%20%C3%BC/profile';
  assert.deepEqual(await read(uri), [
    { uri, mimeType: 'application/json', text: '{"name":"Ada \\"x\\""}' },
  ]);
  const named = 'data://names/a%2Fb%20%C3%BC';
  assert.deepEqual(await read(named), [{ uri: named, mimeType: 'text/plain', text: 'Ada "x"' }]);
  assert.deepEqual(await read('data://logo'), [
    { uri: 'data://logo', mimeType: 'image/png', blob: 'AQL/' },
  ]);
  assert.equal(upstream.requests.length, 4);
});

test('a refusing upstream is an error that names its status, never content', bounded, async (t) => {
  const { url, failures } = await serve(t, {
    'GET /schema': { status: 503, body: { detail: 'hush' } },
    'GET /logo': { status: 302, headers: { location: '/other' } },
  });
  const cases: [string, number, RegExp][] = [
    ['data://schema', 503, /^UPSTREAM_REJECTED: api\.schema answered 503 Service Unavailable/],
    ['data://users/7/profile', 404, /^UPSTREAM_REJECTED: api\.user answered 404 Not Found/],
    ['data://logo', 302, /^UPSTREAM_REJECTED: api\.logo answered 302 Found/],
  ];
  for (const [uri, status, message] of cases) {
    const error = await refusedRead(url, uri);
    assert.equal(error.code, -32603);
    assert.match(error.message, message);
    assert.doesNotMatch(JSON.stringify(error), /hush/);
    assert.deepEqual(error.data, { uri, code: 'UPSTREAM_REJECTED', status });
  }
  assert.deepEqual(
    failures.map(([what]) => what),
    ['resource "schema"', 'resource "profile"', 'resource "logo"'],
  );
});

test('an unknown resource is -32002, whatever way its URI tries', bounded, async (t) => {
  const { url, upstream } = await serve(t, {});
  const hostile = [
    'data://schemas',
    'data://schema/',
    'data://schema?x=1',
    'DATA://schema',
    'docs://guides',
    'docs://guides/',
    'docs://guides/deep',
    'docs://guides/.env',
    'docs://guides/link.txt',
    'docs://guides/../secret.txt',
    'docs://guides/%2e%2e/secret.txt',
    'docs://guides/..%2fsecret.txt',
    'docs://guides/deep%2F..%2Fstart.md',
    'docs://guides/start.md%00.png',
    'docs://guides/%',
    'docs://guides//start.md',
    'file:///etc/passwd',
    'data://users//profile',
    'data://users/a/b/profile',
    'data://users/a?b/profile',
    'data://users/%zz/profile',
    'data://users/7/profile/x',
    `data://users/${'a'.repeat(9_000)}/profile`,
    'hush',
  ];
  for (const uri of hostile) {
    const { code, message, data } = await refusedRead(url, uri);
    assert.equal(code, -32002, uri);
    assert.match(message, /^Unknown resource: "/, uri);
    assert.ok(message.length < 400);
    assert.equal(data.uri, uri.replace('hush', '••••').slice(0, 8_192));
  }
  assert.match(
    (await refusedRead(url, 'data://schemas')).message,
    /Did you mean "data:\/\/schema"\?/,
  );
  assert.equal(upstream.requests.length, 0);
  for (const uri of [undefined, 7, '', null, ['a']]) {
    const { code, message } = await refusedRead(url, uri);
    assert.deepEqual(
      [code, message],
      [-32602, 'resources/read needs the URI of a resource in "uri".'],
    );
  }
});

test(
  'a variable that cannot be placed upstream is -32602, and nothing is sent',
  bounded,
  async (t) => {
    const { url, upstream } = await serve(t, {});
    for (const value of ['..', '%2e%2e', '.']) {
      const error = await refusedRead(url, `data://users/${value}/profile`);
      assert.equal(error.code, -32602);
      assert.match(error.message, /^INPUT_INVALID: /);
    }
    assert.equal(upstream.requests.length, 0);
  },
);

test('a file above the limit is refused with its size', bounded, async (t) => {
  const { url, agent } = await serve(t, {}, 6);
  const { code, message } = await refusedRead(url, 'docs://guides/start.md');
  assert.equal(code, -32603);
  assert.equal(message, 'The file has 7 bytes, and at most 6 are read as a resource.');
  assert.equal((await agent.readResource({ uri: 'docs://guides/LICENSE' })).contents.length, 1);
});

test('without resources lists are empty, and a read is unknown', bounded, async (t) => {
  const { url } = await serveMcp(t, toolset([tool('a')]), { run: async () => answered({}) });
  const agent = await connectAgent(t, url);
  assert.deepEqual(agent.getServerCapabilities(), EVERYTHING);
  const list = await sendRaw(url, rpc('resources/list'), { accept: 'application/json' });
  assert.deepEqual(JSON.parse(list.text).result, { resources: [] });
  assert.equal((await refusedRead(url, 'a://b')).code, -32002);
  const cursor = await sendRaw(url, rpc('resources/list', { cursor: 'x' }), {
    accept: 'application/json',
  });
  assert.match(cursor.text, /resources\/list answers in one page/);
});

test('what cannot be served is found at load, with its place', async (t) => {
  const folder = await folderOf(t, { 'a.txt': '' });
  const resources = `
- {name: gone, uri: 'docs://gone', location: 'file:///./gone'}
- {name: file, uri: 'docs://file', location: 'file:///./a.txt'}
- {name: far, uri: 'docs://far', location: 'https://example.com/docs'}
- {name: none, uri: 'data://none'}
- {name: both, uri: 'data://both', call: api.schema, location: 'file:///./'}
- {name: schema, uri: 'data://schema', call: api.schema}
- {name: again, uri: 'data://schema', call: api.logo}
- {name: relative, uri: schema, call: api.schema}
- {name: operator, uri: 'data://{+path}', call: api.schema}
- {name: twice, uri: 'data://{a}/{a}', call: api.schema}
- {name: joined, uri: 'data://{a}{b}', call: api.schema}
- {name: brace, uri: 'data://a}', call: api.schema}
- {name: folder, uri: 'docs://{x}', location: 'file:///./'}
- {name: needs, uri: 'data://needs', call: api.user}
- {name: unknown, uri: 'data://unknown', call: api.nothing}
- {name: unused, uri: 'data://unused/{x}', call: api.schema}
`;
  const compiled = await compiling(join(folder, 'b.yaml'), capability(resources));
  const plans = plansOf(compiled);
  const at = '/capability/exposes/0/resources';
  assert.deepEqual(compiled.found(), [
    `LOCATION_MISSING warning ${at}/0/location`,
    `LOCATION_INVALID error ${at}/1/location`,
    `LOCATION_INVALID error ${at}/2/location`,
    `RESOURCE_INVALID error ${at}/3`,
    `RESOURCE_INVALID error ${at}/4`,
    `RESOURCE_DUPLICATE warning ${at}/6/uri`,
    `RESOURCE_INVALID error ${at}/7/uri`,
    `RESOURCE_INVALID error ${at}/8/uri`,
    `RESOURCE_INVALID error ${at}/9/uri`,
    `RESOURCE_INVALID error ${at}/10/uri`,
    `RESOURCE_INVALID error ${at}/11/uri`,
    `RESOURCE_INVALID error ${at}/12/uri`,
    `RESOURCE_INVALID error ${at}/13`,
    `CALL_UNKNOWN error ${at}/14/call`,
    `INPUT_UNUSED warning ${at}/15/uri`,
  ]);
  assert.deepEqual(
    plans.map(({ definition }) => definition.name),
    ['gone', 'schema', 'unused'],
  );
  const needs = compiled.compilation.findings.find(({ pointer }) => pointer === `${at}/13`);
  assert.match(needs?.message ?? '', /needs a value for "id".*Put \{id\} into the uri/);
});

test(
  'over stdio a read that came before the end of input is still answered',
  bounded,
  async (t) => {
    const folder = await folderOf(t, { 'guides/a.md': 'a' });
    const docs = "- {name: docs, uri: 'docs://guides', location: file:///./guides}";
    const resources = plansOf(await compiling(join(folder, 'c.yaml'), capability(docs)));
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const done = serveStdio(
      { ...toolset([]), resources },
      { run: async () => answered({}), stdin, stdout },
    );
    stdin.end(`${JSON.stringify(rpc('resources/read', { uri: 'docs://guides/a.md' }))}\n`);
    await done;
    const content = { uri: 'docs://guides/a.md', mimeType: 'text/markdown', text: 'a' };
    const written = JSON.parse(stdout.read().toString('utf8'));
    assert.deepEqual(written.result, { contents: [content] });
  },
);

test('a template matches whole segments only, and never looks back', () => {
  const parts = [
    { text: 'a://' },
    { variable: 'x' },
    { text: '.' },
    { variable: 'y' },
    { text: '.json' },
  ];
  const match = (uri: string) => {
    const found = matchUri(parts, uri);
    return found === undefined ? undefined : Object.fromEntries(found);
  };
  assert.deepEqual(match('a://1.2.json'), { x: '1', y: '2' });
  assert.deepEqual(match('a://1.2.json.json'), { x: '1', y: '2.json' });
  for (const uri of [
    'a://.2.json',
    'a://1..json',
    'a://1.2',
    'a://1/2.3.json',
    'a://1.json',
    'a://',
  ]) {
    assert.equal(match(uri), undefined, uri);
  }
});
