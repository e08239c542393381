import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenCounter } from '../../src/mcp/tokens.ts';
import { fileOf, items, naftiko } from './naftiko.ts';

test('what each definition costs, dearest first, with the sum of the expose', async (t) => {
  const file = await fileOf(t, items());
  const { status, out, err } = await naftiko(['inspect', '--tokens', '--format', 'json', file]);
  assert.deepEqual([status, err], [0, '']);
  const { estimatedWith, tokens, exposes } = JSON.parse(out);
  assert.equal(estimatedWith, 'o200k_base');
  const [{ tools, namespace, ...sums }] = exposes;
  const all = tools.map((tool: { tokens: number }) => tool.tokens);
  assert.deepEqual(
    [...all].sort((one, other) => other - one),
    all,
  );
  assert.equal(
    all.reduce((sum: number, each: number) => sum + each),
    sums.tokens,
  );
  assert.equal(tokens, sums.tokens);

  const whole = JSON.parse((await naftiko(['inspect', '--format', 'json', file])).out);
  const { name, title, description, inputSchema, outputSchema, annotations } =
    whole.capabilities[0].mcp[0].tools.find(
      (each: { name: string }) => each.name === tools[0].name,
    );
  const definition = { name, title, description, inputSchema, outputSchema, annotations };
  assert.equal((await tokenCounter()).count(JSON.stringify(definition)), tools[0].tokens);

  const text = (await naftiko(['inspect', '--tokens', file])).out;
  assert.ok(
    text.startsWith(`MCP ${namespace}  ${file}\n  ${tokens} tokens in ${tools.length} tools`),
  );
  assert.ok(text.includes(`${tools[0].tokens}  ${tools[0].name}\n`));
});

test('limits of answers are whole numbers that leave room, or 0', async (t) => {
  const file = await fileOf(t, items());
  for (const [option, bad] of [
    ['--max-answer-chars', '255'],
    ['--max-answer-chars', '1.5'],
    ['--max-answer-tokens', '199'],
    ['--max-answer-tokens', 'many'],
  ] as const) {
    const { status, err } = await naftiko(['run', file, option, bad]);
    assert.equal(status, 2);
    assert.match(err, /whole number from (256|200) on, or 0 for no limit/);
  }
});
