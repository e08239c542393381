import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { unzipSync } from 'fflate';
import { compileSkill } from '../../src/compile/skill.ts';
import type { ExposesSkill } from '../../src/document/faces.ts';
import type { GatewayError } from '../../src/errors.ts';
import type { Endpoint } from '../../src/skill/catalog.ts';
import { createSkillHandler } from '../../src/skill/handler.ts';
import { sendRaw } from '../support/agent.ts';
import { type Compiling, compiling, folderOf, serveHandler } from '../support/faces.ts';

const capability = (skills: string): string => `
naftiko: 1.0.0-alpha2
capability:
  exposes:
  - type: rest
    namespace: orders-rest
    port: 8080
    resources:
    - path: '/v1/orders/{{orderId}}'
      operations:
      - {method: GET, name: get-order, call: orders.get}
    - path: audit
      operations:
      - {method: POST, call: orders.get}
  - type: mcp
    namespace: orders-mcp
    port: 9090
    tools:
    - {name: list-orders, description: List, call: orders.get}
  - type: mcp
    namespace: local
    transport: stdio
    tools:
    - {name: peek, description: Peek, call: orders.get}
  - type: skill
    namespace: skills
    port: 3002
    skills:
${skills.replace(/^/gm, '    ')}
  consumes:
  - type: http
    namespace: orders
    baseUri: http://127.0.0.1:9
    resources:
    - path: /orders/{orderId}
      operations:
      - {name: get, method: GET}
`;

const SKILLS = `
- name: order-management
  description: Tools for orders
  license: MIT
  compatibility: any
  metadata: {author: Ada}
  allowed-tools: get-order list-orders
  argument-hint: '[order]'
  user-invocable: false
  disable-model-invocation: true
  location: file:///./skill
  tools:
  - name: get-order
    description: One order
    from: {sourceNamespace: orders-rest, action: get-order}
  - {name: all, from: {sourceNamespace: orders-mcp, action: list-orders}}
  - {name: peek, from: {sourceNamespace: local, action: peek}}
  - {name: guide, description: How to, instruction: docs/the guide.md}
- {name: plain, description: Only words}
- {name: gone, location: file:///./gone}
`;

const compile = ({ compilation, expose }: Compiling) => {
  const [face, pointer] = expose('skill');
  return compileSkill(compilation, face as ExposesSkill, pointer);
};

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'orders-rest': { host: '127.0.0.1', port: 8081, path: '' },
  'orders-mcp': { host: '0.0.0.0', port: 9091, path: '/orders-mcp/mcp' },
  skills: { host: '::1', port: 3002, path: '' },
};

interface Served {
  readonly url: string;
  readonly folder: string;
  readonly failures: GatewayError[];
  get(path: string, headers?: Record<string, string>): ReturnType<typeof sendRaw>;
}

async function serve(t: TestContext): Promise<Served> {
  const folder = await folderOf(t, {
    'skill/SKILL.md': '---\nname: order-management\n---\n# Orders',
    'skill/docs/the guide.md': 'Guide',
    'skill/logo.png': Buffer.from([0x89, 0x50, 0, 255]),
    'skill/page.html': '<script>1</script>',
    'skill/empty.txt': '',
    'skill/.env': 'TOKEN=1',
    'secret.txt': 'secret',
  });
  await symlink('/etc/passwd', join(folder, 'skill/passwd'));
  await symlink('../secret.txt', join(folder, 'skill/up.txt'));
  await symlink('SKILL.md', join(folder, 'skill/alias.md'));
  const compiled = await compiling(join(folder, 'a.yaml'), capability(SKILLS));
  const plan = compile(compiled);
  assert.deepEqual(compiled.found(), [
    'LOCATION_MISSING warning /capability/exposes/3/skills/2/location',
  ]);
  const failures: GatewayError[] = [];
  const handler = createSkillHandler(plan, {
    endpointOf: (namespace) => ENDPOINTS[namespace],
    mask: (text) => text.replaceAll('hush', '••••'),
    onFailure: (error) => failures.push(error),
  });
  const url = await serveHandler(t, handler);
  const get: Served['get'] = (path, headers = {}) => sendRaw(url + path, undefined, headers, 'GET');
  return { url, folder, failures, get };
}

test('the catalogue names every skill and its tools', async (t) => {
  const { get } = await serve(t);
  const { status, headers, text } = await get('/skills');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.deepEqual(JSON.parse(text), {
    count: 3,
    skills: [
      {
        name: 'order-management',
        description: 'Tools for orders',
        license: 'MIT',
        tools: ['get-order', 'all', 'peek', 'guide'],
      },
      { name: 'plain', description: 'Only words', tools: [] },
      { name: 'gone', tools: [] },
    ],
  });
  assert.equal((await get('/skills/?x=1')).text, text);
});

test('a skill gives its frontmatter, and an address for each tool', async (t) => {
  const { get } = await serve(t);
  const { text } = await get('/skills/order-management', { host: 'gateway.example:3002' });
  assert.deepEqual(JSON.parse(text), {
    name: 'order-management',
    description: 'Tools for orders',
    license: 'MIT',
    compatibility: 'any',
    'argument-hint': '[order]',
    'allowed-tools': 'get-order list-orders',
    'user-invocable': false,
    'disable-model-invocation': true,
    metadata: { author: 'Ada' },
    tools: [
      {
        name: 'get-order',
        description: 'One order',
        type: 'derived',
        invocationRef: {
          targetNamespace: 'orders-rest',
          action: 'get-order',
          mode: 'rest',
          method: 'GET',
          url: 'http://127.0.0.1:8081/v1/orders/{orderId}',
        },
      },
      {
        name: 'all',
        type: 'derived',
        invocationRef: {
          targetNamespace: 'orders-mcp',
          action: 'list-orders',
          mode: 'mcp',
          tool: 'list-orders',
          url: 'http://gateway.example:9091/orders-mcp/mcp',
        },
      },
      {
        name: 'peek',
        type: 'derived',
        invocationRef: {
          targetNamespace: 'local',
          action: 'peek',
          mode: 'mcp',
          tool: 'peek',
          transport: 'stdio',
        },
      },
      {
        name: 'guide',
        description: 'How to',
        type: 'instruction',
        instruction: 'docs/the guide.md',
        url: 'http://[::1]:3002/skills/order-management/contents/docs/the%20guide.md',
      },
    ],
  });
  const odd = await get('/skills/order-management', { host: 'a"b/../c:1' });
  assert.match(odd.text, /http:\/\/localhost:9091\//);
  assert.equal(
    (await get('/skills/plain')).text,
    '{"name":"plain","description":"Only words","tools":[]}',
  );
});

test('the contents are listed with size and type, links out and hidden files left out', async (t) => {
  const { get } = await serve(t);
  const { text } = await get('/skills/order-management/contents');
  assert.deepEqual(JSON.parse(text), {
    name: 'order-management',
    files: [
      { path: 'SKILL.md', size: 39, type: 'text/markdown' },
      { path: 'alias.md', size: 39, type: 'text/markdown' },
      { path: 'docs/the guide.md', size: 5, type: 'text/markdown' },
      { path: 'empty.txt', size: 0, type: 'text/plain' },
      { path: 'logo.png', size: 4, type: 'image/png' },
      { path: 'page.html', size: 18, type: 'text/html' },
    ],
  });
});

test('a file is its own bytes, is not run by a browser, and is not sent twice', async (t) => {
  const { get, url } = await serve(t);
  const guide = await get('/skills/order-management/contents/docs/the%20guide.md');
  assert.deepEqual([guide.status, guide.text], [200, 'Guide']);
  assert.equal(guide.headers['content-length'], '5');
  const page = await get('/skills/order-management/contents/page.html');
  assert.equal(page.headers['x-content-type-options'], 'nosniff');
  assert.match(page.headers['content-security-policy'] as string, /sandbox/);
  const again = await get('/skills/order-management/contents/page.html', {
    'if-none-match': `"other", ${page.headers.etag}`,
  });
  assert.deepEqual([again.status, again.text], [304, '']);
  const empty = await get('/skills/order-management/contents/empty.txt');
  assert.deepEqual([empty.status, empty.text], [200, '']);
  const logo = await fetch(`${url}/skills/order-management/contents/logo.png`);
  assert.deepEqual([...new Uint8Array(await logo.arrayBuffer())], [0x89, 0x50, 0, 255]);
  const head = await sendRaw(
    `${url}/skills/order-management/contents/page.html`,
    undefined,
    {},
    'HEAD',
  );
  assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '18', '']);
});

test('a large file comes whole', async (t) => {
  const { url, folder } = await serve(t);
  const bytes = Buffer.alloc(3 * 1024 * 1024, 'naftiko');
  await writeFile(join(folder, 'skill/large.bin'), bytes);
  const answer = await fetch(`${url}/skills/order-management/contents/large.bin`);
  assert.ok(bytes.equals(Buffer.from(await answer.arrayBuffer())));
});

test('the download is an archive of what is listed', async (t) => {
  const { url, folder } = await serve(t);
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));
  await mkdir(join(folder, 'skill/deep/er'), { recursive: true });
  await writeFile(join(folder, 'skill/deep/er/noise ü.bin'), noise);
  await utimes(join(folder, 'skill/empty.txt'), 0, 0);
  const answer = await fetch(`${url}/skills/order-management/download`);
  assert.equal(answer.headers.get('content-type'), 'application/zip');
  assert.equal(
    answer.headers.get('content-disposition'),
    'attachment; filename="order-management.zip"',
  );
  const archive = Buffer.from(await answer.arrayBuffer());
  const files = unzipSync(archive);
  assert.deepEqual(Object.keys(files), [
    'SKILL.md',
    'alias.md',
    'deep/er/noise ü.bin',
    'docs/the guide.md',
    'empty.txt',
    'logo.png',
    'page.html',
  ]);
  for (const [path, bytes] of Object.entries(files)) {
    assert.ok((await readFile(join(folder, 'skill', path))).equals(bytes), path);
  }
  assert.ok(archive.length < 300_000, 'it is compressed');
});

test('no path leads out of the folder of a skill', async (t) => {
  const { get, url } = await serve(t);
  const contents = '/skills/order-management/contents';
  const refused = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/docs/..%5c..%5csecret.txt',
    '/%2Fetc%2Fpasswd',
    '/docs//the%20guide.md',
    '/SKILL.md%00.png',
    '/.env',
    '/%',
  ];
  for (const path of refused) {
    const { status, headers, text } = await rawGet(url, contents + path);
    assert.equal(status, 400, path);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(JSON.parse(text).code, 'REQUEST_INVALID');
  }
  for (const path of [
    '/passwd',
    '/up.txt',
    '/none.md',
    '/docs',
    '/SKILL.md/x',
    `/${'x'.repeat(3_000)}`,
  ]) {
    const { status, text } = await get(contents + path);
    assert.equal(status, 404, path);
    assert.equal(JSON.parse(text).code, 'ROUTE_UNKNOWN');
    assert.doesNotMatch(text, /root:|\/tmp/);
  }
});

test('what is not there is 404, what is not read is 405, and the rest is left to others', async (t) => {
  const { get, url, failures } = await serve(t);
  const missing: [string, RegExp][] = [
    ['/skills/none', /There is no skill \\"none\\"/],
    ['/skills/constructor', /There is no skill/],
    ['/skills/hush', /There is no skill \\"••••\\"/],
    ['/skills/order-management/other', /There is no \\"other\\" of a skill/],
    ['/skills/order-management/download/x', /There is no \\"download\\" of a skill/],
    ['/skills/plain/contents', /has no files/],
    ['/skills/plain/download', /has no files/],
    ['/skills/plain/contents/a.md', /has no file/],
    ['/skills/gone/contents', /are not there/],
    ['/skills/gone/download', /are not there/],
  ];
  for (const [path, message] of missing) {
    const { status, text } = await get(path);
    assert.equal(status, 404, path);
    assert.match(text, message);
  }
  assert.equal(failures.length, missing.length);
  for (const path of ['/skills', '/skills/plain', '/skills/order-management/download']) {
    const { status, headers, text } = await sendRaw(url + path, { a: 1 });
    assert.deepEqual([status, headers.allow], [405, 'GET, HEAD, OPTIONS']);
    assert.equal(JSON.parse(text).code, 'METHOD_NOT_ALLOWED');
  }
  const options = await sendRaw(`${url}/skills`, undefined, {}, 'OPTIONS');
  assert.deepEqual([options.status, options.headers.allow], [204, 'GET, HEAD, OPTIONS']);
  for (const path of ['/', '/skillset', '/skill']) assert.equal((await get(path)).status, 418);
});

test('what cannot be served is found at load, with its place', async (t) => {
  const folder = await folderOf(t, { 'skill/SKILL.md': '' });
  const skills = `
- name: one
  location: file:///./skill
  tools:
  - {name: neither}
  - {name: both, instruction: SKILL.md, from: {sourceNamespace: orders-mcp, action: list-orders}}
  - {name: sibling, from: {sourceNamespace: order-mcp, action: list-orders}}
  - {name: itself, from: {sourceNamespace: skills, action: x}}
  - {name: tool, from: {sourceNamespace: orders-mcp, action: list-order}}
  - {name: operation, from: {sourceNamespace: orders-rest, action: toString}}
  - {name: up, instruction: ../SKILL.md}
  - {name: gone, instruction: docs/gone.md}
  - {name: fine, instruction: SKILL.md}
- {name: two, tools: [{name: lost, instruction: SKILL.md}]}
- {name: one}
- {name: file, location: file:///./skill/SKILL.md}
`;
  const compiled = await compiling(join(folder, 'b.yaml'), capability(skills));
  const plan = compile(compiled);
  const at = '/capability/exposes/3/skills';
  assert.deepEqual(compiled.found(), [
    `SKILL_INVALID error ${at}/0/tools/0`,
    `SKILL_INVALID error ${at}/0/tools/1`,
    `SKILL_SOURCE_UNKNOWN error ${at}/0/tools/2/from/sourceNamespace`,
    `SKILL_SOURCE_UNKNOWN error ${at}/0/tools/3/from/sourceNamespace`,
    `SKILL_SOURCE_UNKNOWN error ${at}/0/tools/4/from/action`,
    `SKILL_SOURCE_UNKNOWN error ${at}/0/tools/5/from/action`,
    `SKILL_INVALID error ${at}/0/tools/6/instruction`,
    `LOCATION_MISSING warning ${at}/0/tools/7/instruction`,
    `SKILL_INVALID error ${at}/1/tools/0/instruction`,
    `SKILL_INVALID error ${at}/2/name`,
    `LOCATION_INVALID error ${at}/3/location`,
  ]);
  assert.deepEqual(
    plan.skills[0]?.tools.map(({ name }) => name),
    ['gone', 'fine'],
  );
  const suggestions = compiled.compilation.findings.map(({ suggestion }) => suggestion);
  assert.deepEqual(suggestions.slice(2, 5), ['orders-mcp', undefined, 'list-orders']);
});

/** A request whose path nobody tidies up on the way. */
function rawGet(url: string, path: string) {
  const { hostname, port } = new URL(url);
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>(
    (resolve, reject) => {
      const request = http.get({ hostname, port, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      request.on('error', reject);
    },
  );
}
