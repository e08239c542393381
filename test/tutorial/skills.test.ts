import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { send } from '../support/http.ts';
import { readSecrets, skip } from './documents.ts';
import { bearer, startStep, stepNumber } from './serving.ts';
import { SKILL_STEPS, toolStories } from './stories.ts';

const LIST = 'List ships in the shipyard, optionally filtered by status';

/** The skills of the tutorial: description, and each tool with its own. */
function skillsOf(file: string): Readonly<Record<string, readonly [string, object]>> {
  return {
    'fleet-ops': [
      'Fleet management — list, search, and inspect ships across all registries',
      {
        'list-ships': LIST,
        'get-ship': "Retrieve a ship's details by IMO number",
        'list-legacy-vessels': 'List vessels from the legacy Dockyard',
        'get-ship-with-crew': 'Get ship details with resolved crew names',
      },
    ],
    'voyage-ops': [
      'Voyage planning — create and manage voyages',
      {
        'create-voyage': 'Plan a new voyage with ship, crew, route, and dates',
        ...(stepNumber(file) < 11
          ? {}
          : {
              'get-voyage-manifest':
                'Assemble a complete voyage manifest with ship, crew, and cargo',
            }),
      },
    ],
  };
}

interface Skill {
  readonly tools: readonly { readonly invocationRef: { readonly url: string } }[];
}

for (const file of SKILL_STEPS) {
  test(`${file}: skills name tools that can be called where they say`, { skip }, async (t) => {
    const step = await startStep(t, file);
    const skills = Object.entries(skillsOf(file));
    const catalog = await send(step.skill, '/skills');
    assert.equal(catalog.status, 200);
    assert.deepEqual(catalog.json(), {
      count: skills.length,
      skills: skills.map(([name, [description, tools]]) => ({
        name,
        description,
        tools: Object.keys(tools),
      })),
    });
    const token = bearer(readSecrets()['mcp-server-token'] as string);
    for (const [name, [description, tools]] of skills) {
      const answer = await send(step.skill, `/skills/${name}`);
      assert.equal(answer.status, 200);
      const skill = answer.json() as Skill;
      const urls = skill.tools.map(({ invocationRef }) => invocationRef.url);
      assert.deepEqual(skill, {
        name,
        description,
        tools: Object.entries(tools).map(([tool, words], index) => ({
          name: tool,
          description: words,
          type: 'derived',
          invocationRef: {
            targetNamespace: 'shipyard-tools',
            action: tool,
            mode: 'mcp',
            tool,
            url: urls[index],
          },
        })),
      });
      const agent = await connectAgent(t, [...new Set(urls)].join(), token);
      for (const tool of Object.keys(tools)) {
        const [story] = toolStories(file).filter((each) => each.tool === tool);
        assert.ok(story !== undefined, `no story of ${tool}`);
        const result = await agent.callTool({ name: tool, arguments: { ...story.given } });
        assert.deepEqual(JSON.parse(textOf(result)), story.gives, tool);
      }
      for (const part of ['download', 'contents', 'contents/SKILL.md']) {
        const missing = await send(step.skill, `/skills/${name}/${part}`);
        assert.equal(missing.status, 404, `${part}: ${missing.text}`);
      }
    }
    assert.equal((await send(step.skill, '/skills/no-such')).status, 404);
    assert.equal((await send(step.skill, '/skills', { method: 'POST' })).status, 405);
  });
}
