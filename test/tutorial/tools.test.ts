import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { textOf } from '../support/agent.ts';
import { skip, tutorial } from './documents.ts';
import { checkReceived } from './received.ts';
import { startStep, stepNumber } from './serving.ts';
import { STEPS, toolStories } from './stories.ts';

test('every file of the tutorial is told of', { skip }, () => {
  const files = readdirSync(tutorial).filter((file) => file.startsWith('step-'));
  assert.deepEqual(files.sort(), [...STEPS].sort());
});

for (const file of STEPS) {
  test(`${file}: every tool gives what the examples of its APIs say`, { skip }, async (t) => {
    const step = await startStep(t, file, { open: stepNumber(file) === 2 });
    const agent = await step.agent();
    // Knowing the tools, the client holds each result to the output schema of its tool.
    const { tools } = await agent.listTools();
    const stories = toolStories(file);
    assert.deepEqual(
      tools.map(({ name }) => name),
      [...new Set(stories.map(({ tool }) => tool))],
    );
    for (const { tool, given, gives, calls, sends } of stories) {
      const told = `${tool} ${JSON.stringify(given)}`;
      const result = await agent.callTool({ name: tool, arguments: { ...given } });
      assert.ok(!result.isError, `${told}: ${textOf(result)}`);
      assert.deepEqual(JSON.parse(textOf(result)), gives, told);
      assert.deepEqual(
        result.structuredContent,
        Array.isArray(gives) ? { result: gives } : gives,
        told,
      );
      checkReceived(step.received(), { file, told, calls, sends });
    }
  });
}
