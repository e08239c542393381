import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASKING } from '../mcp/ask-capability.ts';
import { fileOf, naftiko } from './naftiko.ts';

test('a tool that asks is refused by name where a command line calls it', async (t) => {
  const file = await fileOf(t, ASKING);
  const { status, out, err } = await naftiko(['call', file, 'greet']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /The step "user" of this tool asks the client.*Call it from an MCP client\./);
  const left = await naftiko(['call', file, 'perhaps']);
  assert.deepEqual([left.status, JSON.parse(left.out)], [0, { user: null, word: null }]);
});

test('inspect shows what a tool asks for', async (t) => {
  const file = await fileOf(t, ASKING);
  const { out } = await naftiko(['inspect', file]);
  assert.ok(
    out.includes(`
    perhaps
       1  user  asks the client: elicitation, where it can
       1  word  asks the client: sampling, where it can
`),
    out,
  );
  const json = await naftiko(['inspect', file, '--format', 'json']);
  const [{ mcp }] = JSON.parse(json.out).capabilities;
  const page = mcp[0].tools.find(({ name }: { name: string }) => name === 'page');
  const [paid] = page.steps;
  assert.deepEqual(
    [paid.name, paid.type, paid.asks, paid.optional],
    ['paid', 'ask', 'elicitation.url', false],
  );
});
