import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { McpPlan, ToolPlan } from '../../src/plan/plan.ts';
import { compileText, outlined } from '../support/compile.ts';

interface Found {
  readonly tool: ToolPlan;
  readonly findings: readonly string[];
}

/** One tool, with members put on its expose and on itself. */
async function compiled(expose: object, tool: object, input = 'id'): Promise<Found> {
  const parameters = [{ name: input, in: 'query', type: 'string' }];
  const feeds = { [input]: `tools.${input}` };
  const document = JSON.parse(outlined({ parameters, with: feeds, tool }));
  const mcp = document.capability.exposes.find(({ type }: { type: string }) => type === 'mcp');
  Object.assign(mcp, expose);
  Object.assign(mcp.tools[0], tool);
  const { draft, findings } = await compileText(JSON.stringify(document));
  const plan = draft.faces.find((face): face is McpPlan => face.face === 'mcp');
  return {
    tool: plan?.tools[0] as ToolPlan,
    findings: findings.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`),
  };
}

describe('a limit of answers', () => {
  test("is the tool's, and for what that does not say the expose's", async () => {
    const expose = { maxAnswer: { characters: 4_000, tokens: 900 } };
    const both = await compiled(expose, { maxAnswer: { characters: 0 } });
    assert.deepEqual([both.tool.maxAnswer, both.findings], [{ characters: 0, tokens: 900 }, []]);
    const none = await compiled({}, {});
    assert.equal('maxAnswer' in none.tool, false);
  });

  test('that holds no answer is an error at its place, one that never counts a warning', async () => {
    const small = await compiled({ maxAnswer: { characters: 255 } }, { maxAnswer: { tokens: 1 } });
    assert.match(
      small.findings.join('\n'),
      /error ANSWER_LIMIT_INVALID \S*\/maxAnswer\/characters/,
    );
    assert.match(
      small.findings.join('\n'),
      /error ANSWER_LIMIT_INVALID \S*\/tools\/0\/maxAnswer\/tokens/,
    );
    const idle = await compiled({}, { maxAnswer: { characters: 1_000, tokens: 1_000 } });
    assert.match(idle.findings.join('\n'), /^warning ANSWER_LIMIT_INVALID \S*\/maxAnswer\/tokens$/);
  });

  test('of another kind is refused', async () => {
    for (const bad of [
      {},
      { characters: -1 },
      { tokens: 1.5 },
      { tokens: '1k' },
      { bytes: 5 },
      5,
    ]) {
      await assert.rejects(async () => {
        const { findings } = await compiled({}, { maxAnswer: bad });
        assert.deepEqual(findings, []);
      }, JSON.stringify(bad));
    }
  });
});

describe('fields', () => {
  test('give the tool an argument more, and a schema in which nothing has to be there', async () => {
    const shape = {
      type: 'object',
      properties: {
        list: {
          type: 'array',
          mapping: '$.list',
          items: { type: 'object', properties: { id: { type: 'string', mapping: '$.id' } } },
        },
      },
    };
    const { tool, findings } = await compiled({}, { fields: true, outputParameters: [shape] });
    assert.deepEqual(findings, []);
    const { inputSchema, outputSchema } = tool.definition;
    assert.deepEqual(Object.keys(inputSchema.properties as object), ['id', '_fields']);
    assert.match(JSON.stringify(outputSchema), /"list".*"id"/);
    assert.doesNotMatch(JSON.stringify(outputSchema), /required/);
    assert.equal(tool.fields, '_fields');
    assert.deepEqual(
      tool.operation.inputs.map(({ name }) => name),
      ['id'],
    );
  });

  test("leave an author's own schema as it is but for what it requires", async () => {
    const outputSchema = {
      type: 'object',
      properties: {
        required: { type: 'object', required: ['a'], properties: { a: { const: 1 } } },
      },
      oneOf: [{ required: ['x'] }],
    };
    const { tool } = await compiled({}, { fields: true, outputSchema });
    assert.deepEqual(tool.definition.outputSchema, {
      type: 'object',
      properties: { required: { type: 'object', properties: { a: { const: 1 } } } },
      anyOf: [{}],
    });
  });

  test('cannot be where an input has their name', async () => {
    const { tool, findings } = await compiled({}, { fields: true }, '_fields');
    assert.match(findings.join('\n'), /^error FIELDS_TAKEN \S*\/tools\/0\/fields$/);
    assert.equal(tool.fields, undefined);
  });
});
