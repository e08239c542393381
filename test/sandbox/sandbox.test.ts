import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type Running, startRun } from '../cli/naftiko.ts';
import { connectAgent, textOf } from '../support/agent.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, send } from '../support/http.ts';

const capability = (name: string): string =>
  path.join(import.meta.dirname, '..', '..', 'capabilities', `${name}.yaml`);

/** What the printed command under a title answers. */
async function pasted(run: Running, title: string): Promise<string> {
  const [, command = ''] = run.err().split(`\n${title}:\n`);
  const [lines = ''] = command.split('\n\n');
  assert.match(lines, /^ {2}curl /, `${title} stands in ${run.err()}`);
  const { stdout } = await promisify(execFile)('sh', ['-c', lines]);
  return stdout;
}

test('Koyeb: a life of sessions by the commands that are printed', bounded, async (t) => {
  const run = await startRun(t, [capability('koyeb-sessions'), '--sandbox']);
  assert.match(run.err(), /KOYEB_API_KEY {2,}ses-/, 'its credentials are shown');
  assert.match(await pasted(run, 'Log in'), /"token":\{"id":"ses-/);
  assert.match(await pasted(run, 'Be refused'), /"status":401,"code":"wrong_credentials"/);
  assert.match(await pasted(run, 'Use the session of the gateway'), /"organization_id":""/);
  assert.match(await pasted(run, 'Log in, by a tool'), /"structuredContent":\{"token"/);
  assert.equal(await pasted(run, 'End it; then use it again'), '{}');
  assert.match(await pasted(run, 'Use the session of the gateway'), /"status":401/);
  assert.match(run.err(), /Koyeb: POST \/v1\/account\/session 401/, 'what it was asked is logged');
});

test('Koyeb: a life of sessions by an MCP client', bounded, async (t) => {
  const { mcp } = await startGateway(t, capability('koyeb-sessions'), { sandbox: true });
  const agent = await connectAgent(t, mcp);
  const call = async (name: string, args = {}) =>
    textOf(await agent.callTool({ name, arguments: args }));
  assert.match(await call('refresh-token'), /"token":\{"id":"ses-/);
  assert.match(await call('new-session'), /answered 401/, 'what was exchanged is worth nothing');
});

for (const [file, commands] of Object.entries({
  'koyeb-apps': { 'Make an app': /"name":"shop"/, 'See it': /"count":1/ },
  cloudally: { 'See what a partner sees': /"total":5/, 'Restore a backup': /"jobId":"job-1"/ },
  'cloudally-authentication': { 'Log in as a partner': /"accessToken":"ey/ },
  cloudio: { 'Keep rows': /"Grace"/, 'Ask for some': /"rowsFetched":1/ },
  'cloudillo-authentication': {
    'Log in': /"token":"ey/,
    'Use the session of the gateway': /^\[\]$/,
    'Begin a QR login': /"sessionId"/,
  },
})) {
  test(`${file}: what is printed to try works`, bounded, async (t) => {
    const run = await startRun(t, [capability(file), '--sandbox', '--log-level', 'warn']);
    for (const [title, answer] of Object.entries(commands)) {
      assert.match(await pasted(run, title), answer, title);
    }
  });
}

test('all files share the stand-ins of their systems', bounded, async (t) => {
  const names = readdirSync(path.dirname(capability('cloudio')));
  const files = names.map((name) => capability(path.basename(name, '.yaml')));
  const { rest, gateway } = await startGateway(t, files, { sandbox: true });
  assert.deepEqual(
    gateway.sandboxes.map(({ system }) => system),
    ['Koyeb', 'CloudAlly', 'CloudIO', 'Cloudillo'],
  );
  const headers = { 'content-type': 'application/json' };
  const made = { method: 'POST', headers, body: '{"name":"shop"}' };
  assert.equal((await send(rest, '/v1/v1/apps', made)).status, 200);
  const { app } = (await send(rest, '/v1/v1/apps', made)).json() as { app?: unknown };
  assert.equal(app, undefined, 'the name is taken');
});

test('the credentials of a sandbox take the place of those that are there', bounded, async (t) => {
  const environment = { KOYEB_API_KEY: 'a real one' };
  const options = { sandbox: true, environment };
  const { rest } = await startGateway(t, capability('koyeb-apps'), options);
  assert.equal((await send(rest, '/v1/v1/apps')).status, 200);
});

test('an API that nothing stands in for is named, and can be mocked', bounded, async (t) => {
  const other = `naftiko: 1.0.0-alpha2
capability:
  consumes:
    - type: http
      namespace: other
      baseUri: https://api.example.com
      resources:
        - { name: a, path: /a, operations: [{ name: get, method: GET }] }
  exposes:
    - type: rest
      namespace: rest
      port: 8080
      resources:
        - { path: /a, operations: [{ name: get, method: GET, call: other.get }] }
`;
  await assert.rejects(
    startGateway(t, other, { sandbox: true }),
    /none for "other" \(https:\/\/api\.example\.com\)\. Add --mock .* --base-uri other=<url>/,
  );
  const { rest } = await startGateway(t, other, { sandbox: true, mock: true });
  assert.equal((await send(rest, '/a')).status, 200);
});
