import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startUpstream } from '../support/upstream.ts';
import { fileOf, folderOf, items, naftiko } from './naftiko.ts';

const bounded = { timeout: 30_000 };
const body = { title: "it's", email: '@ada' };

test('--dry-run prints the request as HTTP and as curl, and sends nothing', bounded, async (t) => {
  const upstream = await startUpstream(t, {});
  const file = await fileOf(t, items({ baseUri: `${upstream.origin}/v2` }));
  const call = ['call', file, 'create-item', '--args', JSON.stringify({ body }), '--dry-run'];
  const { status, out, err } = await naftiko(call);
  assert.deepEqual([status, err, upstream.requests.length], [0, '', 0]);
  const [head, content, curl] = out.split('\n\n');
  assert.match(head ?? '', /^POST \/v2\/items HTTP\/1\.1\nhost: 127\.0\.0\.1:\d+\n/);
  assert.match(head ?? '', /\ncontent-type: application\/json\b/);
  assert.match(head ?? '', /\nuser-agent: naftiko-gateway\/\d/);
  assert.match(head ?? '', new RegExp(`\ncontent-length: ${Buffer.byteLength(content ?? '')}`));
  assert.deepEqual(JSON.parse(content ?? ''), body);
  assert.match(curl ?? '', /^curl -X POST http/);
});

test('the curl command sends the same request as the call', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'POST /items': { body: {} },
    'GET /items': { body: [] },
  });
  const file = await fileOf(t, items({ baseUri: upstream.origin }));
  const calls = [
    ['create-item', '--args', JSON.stringify({ body })],
    ['list-items', '--arg', "tags=a'b&c", '--arg', 'tags=[d]', '--arg', 'limit=3'],
  ];
  for (const [tool = '', ...args] of calls) {
    await naftiko(['call', file, tool, ...args]);
    const { out } = await naftiko(['call', file, tool, ...args, '--dry-run']);
    await promisify(execFile)('sh', ['-c', out.slice(out.indexOf('\n\ncurl') + 2)]);
    const [called, pasted] = upstream.requests.slice(-2);
    assert.equal(pasted?.url, called?.url);
    assert.equal(pasted?.body, called?.body);
    assert.equal(pasted?.headers['content-type'], called?.headers['content-type']);
    assert.equal(pasted?.headers.accept, called?.headers.accept);
  }
  assert.equal(upstream.requests.length, 4);
});

const credentials: Readonly<Record<string, readonly string[]>> = {
  bearer: ['type: bearer', "token: '{{CLI_TEST_SECRET}}'"],
  basic: ['type: basic', 'username: ada', "password: '{{CLI_TEST_SECRET}}'"],
  'apikey in a header': ['type: apikey', 'key: X-Key', "value: '{{CLI_TEST_SECRET}}'"],
  'apikey in the query': [
    'type: apikey',
    'key: key',
    "value: '{{CLI_TEST_SECRET}}'",
    'placement: query',
  ],
};
for (const [kind, authentication] of Object.entries(credentials)) {
  test(`--dry-run masks a credential: ${kind}`, bounded, async (t) => {
    const secret = "open's & sesame/%";
    const folder = await folderOf(t, {
      'items.yaml': items({ authentication, binds: { CLI_TEST_SECRET: 'CLI_TEST_SECRET' } }),
      '.env': `CLI_TEST_SECRET="${secret}"\n`,
    });
    const env = ['--env-file', join(folder, '.env')];
    const call = ['call', join(folder, 'items.yaml'), 'get-item', '--arg', 'id=7', ...env];
    const { status, out, err } = await naftiko([...call, '--dry-run']);
    assert.deepEqual([status, err], [0, '']);
    assert.equal(out.split('••••').length, 3, `once as HTTP, once as curl: ${out}`);
    assert.doesNotMatch(out, /sesame|b3Blbi|YWRhO/);
  });
}

test('a missing argument is named, and nothing is printed as a request', bounded, async (t) => {
  const { status, out, err } = await naftiko([
    'call',
    await fileOf(t, items()),
    'get-item',
    '--dry-run',
  ]);
  assert.deepEqual([status, out], [2, '']);
  assert.match(err, /- id: /);
});
