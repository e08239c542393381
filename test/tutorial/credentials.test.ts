import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { initialize, sendRaw, textOf } from '../support/agent.ts';
import { jsonBody, send } from '../support/http.ts';
import { readSecrets, skip, tutorial } from './documents.ts';
import { bearer, startStep } from './serving.ts';
import { REST_STEPS, routeStories, STEPS, toolStories } from './stories.ts';

/** The tutorial, with other secrets of its consumed APIs. */
async function withOtherSecrets(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'naftiko-tutorial-'));
  t.after(() => rm(folder, { recursive: true }));
  await cp(tutorial, folder, { recursive: true });
  const file = join(folder, 'shared/secrets.yaml');
  const text = await readFile(file, 'utf8');
  await rm(file);
  await writeFile(file, text.replace(/"dummy-(.*)"/g, '"stolen-$1"'));
  return folder;
}

const STOLEN = /stolen-/;

for (const file of STEPS.slice(2)) {
  test(`${file}: with other secrets, the APIs refuse every tool`, { skip }, async (t) => {
    const step = await startStep(t, file, { folder: await withOtherSecrets(t) });
    const agent = await step.agent();
    for (const { tool, given } of toolStories(file)) {
      const result = await agent.callTool({ name: tool, arguments: { ...given } });
      assert.equal(result.isError, true, tool);
      assert.match(textOf(result), /\b401\b/, tool);
      assert.doesNotMatch(JSON.stringify(result), STOLEN, tool);
      assert.ok(
        step.received().every(({ status }) => status === 401),
        tool,
      );
    }
  });
}

for (const file of REST_STEPS) {
  test(`${file}: with other secrets, the APIs refuse every route`, { skip }, async (t) => {
    const step = await startStep(t, file, { folder: await withOtherSecrets(t) });
    for (const { target, body } of routeStories(file)) {
      const answer = await send(step.rest, target, body === undefined ? {} : jsonBody(body));
      assert.equal(answer.status, 401, `${target}: ${answer.text}`);
      assert.doesNotMatch(answer.rawHeaders.join() + answer.text, STOLEN, target);
    }
  });
}

test('step 2 brings no credential: an API that wants one refuses it', { skip }, async (t) => {
  const step = await startStep(t, STEPS[1]);
  const result = await (await step.agent()).callTool({ name: 'list-ships', arguments: {} });
  assert.equal(result.isError, true);
  assert.match(textOf(result), /\b401\b/);
});

test('what a caller brings of credentials stays at the gateway', { skip }, async (t) => {
  const step = await startStep(t, STEPS[10]);
  const secrets = readSecrets();
  const answer = await send(step.rest, '/ships', {
    headers: { ...bearer('of-the-caller'), 'x-dock-key': 'of-the-caller', cookie: 'a=1' },
  });
  assert.equal(answer.status, 200);
  const [received] = step.received();
  assert.ok(received !== undefined);
  assert.equal(received.headers.authorization, `Bearer ${secrets['registry-bearer-token']}`);
  assert.equal(received.headers['x-dock-key'], undefined);
  assert.equal(received.headers.cookie, undefined);
});

test('the MCP expose takes its token only, from the third step on', { skip }, async (t) => {
  const token = readSecrets()['mcp-server-token'] as string;
  for (const [index, file] of STEPS.entries()) {
    const { mcp } = await startStep(t, file);
    const statuses = await Promise.all(
      [{}, bearer('wrong'), bearer(`${token}x`), bearer(''), bearer(token)].map(
        async (headers: Readonly<Record<string, string>>) => {
          const accept = 'application/json, text/event-stream';
          const answer = await sendRaw(mcp, initialize(), { accept, ...headers });
          const challenge = answer.headers['www-authenticate'] ?? '';
          assert.equal(/^Bearer\b/.test(challenge), answer.status === 401, challenge);
          assert.ok(!challenge.includes(token) && !answer.text.includes(token));
          return answer.status;
        },
      ),
    );
    const wanted = index < 2 ? 200 : 401;
    assert.deepEqual(statuses, [wanted, wanted, wanted, wanted, 200], file);
  }
});
