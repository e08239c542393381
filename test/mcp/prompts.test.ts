import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compilePrompts } from '../../src/compile/prompts.ts';
import { plainContext } from '../../src/mcp/conversation.ts';
import { createPromptCore, type RenderedPrompt } from '../../src/mcp/prompts.ts';
import { connectAgent, rpc, sendRaw } from '../support/agent.ts';
import { type Compiling, compiling, folderOf } from '../support/faces.ts';
import { answered, bounded, EVERYTHING, serveMcp, tool, toolset } from './toolbox.ts';

const capability = (prompts: string): string => `
naftiko: 1.0.0-alpha2
capability:
  exposes:
  - type: mcp
    namespace: words
    port: 9090
    prompts:
${prompts.replace(/^/gm, '    ')}
`;

const PROMPTS = `
- name: zeta
  label: Summary
  description: Summarize data
  arguments:
  - {name: data, label: Data, description: What to summarize}
  - {name: format, description: How, required: false}
  template:
  - {role: user, content: "As {{format}}: {{ data }}, {{data}}"}
  - {role: assistant, content: 'Gladly.'}
- name: alpha
  description: From a file
  arguments: [{name: user_name, description: Who}]
  location: file:///./prompts/hello.md
- {name: plain, template: [{role: user, content: Hello}]}
`;

const plansOf = ({ compilation, targets, expose }: Compiling) =>
  compilePrompts(compilation, targets, ...expose('mcp'));

async function serve(t: TestContext) {
  const folder = await folderOf(t, {
    'prompts/hello.md': '\ufeffHello {{user_name}}!\n{{ not }} {{}}',
  });
  const compiled = await compiling(join(folder, 'a.yaml'), capability(PROMPTS));
  const prompts = plansOf(compiled);
  const options = {
    run: async () => answered({}),
    mask: (text: string) => text.replaceAll('hush', '••••'),
  };
  const { url } = await serveMcp(t, { ...toolset([tool('a')]), prompts }, options);
  return { url, agent: await connectAgent(t, url), found: compiled.found() };
}

async function refused(url: string, params: unknown): Promise<[number, string]> {
  const { text } = await sendRaw(url, rpc('prompts/get', params), { accept: 'application/json' });
  const { error } = JSON.parse(text);
  assert.ok(error, text);
  return [error.code, error.message];
}

test('prompts are declared and listed in file order with their arguments', bounded, async (t) => {
  const { agent, url } = await serve(t);
  assert.deepEqual(agent.getServerCapabilities(), EVERYTHING);
  assert.equal((await agent.listPrompts()).prompts.length, 3);
  // Raw, because the client of the SDK drops what the protocol says of titles.
  const { text } = await sendRaw(url, rpc('prompts/list'), { accept: 'application/json' });
  assert.deepEqual(JSON.parse(text).result.prompts, [
    {
      name: 'zeta',
      title: 'Summary',
      description: 'Summarize data',
      arguments: [
        { name: 'data', title: 'Data', description: 'What to summarize', required: true },
        { name: 'format', description: 'How', required: false },
      ],
    },
    {
      name: 'alpha',
      description: 'From a file',
      arguments: [{ name: 'user_name', description: 'Who', required: true }],
    },
    { name: 'plain' },
  ]);
});

test('values are put in once, and what they bring is never looked at again', bounded, async (t) => {
  const { agent } = await serve(t);
  const zeta = await agent.getPrompt({
    name: 'zeta',
    arguments: { data: '{{format}} $& {{data}}', format: '{{data}}' },
  });
  assert.deepEqual(zeta, {
    description: 'Summarize data',
    messages: [
      {
        role: 'user',
        content: {
          type: 'text',
          text: 'As {{data}}: {{format}} $& {{data}}, {{format}} $& {{data}}',
        },
      },
      { role: 'assistant', content: { type: 'text', text: 'Gladly.' } },
    ],
  });
  const optional = await agent.getPrompt({ name: 'zeta', arguments: { data: '' } });
  assert.deepEqual(optional.messages[0]?.content, { type: 'text', text: 'As : , ' });
});

test('the text of a file is one message of the user, unknown tags and all', bounded, async (t) => {
  const { agent, found } = await serve(t);
  const { messages } = await agent.getPrompt({ name: 'alpha', arguments: { user_name: 'Ada' } });
  assert.deepEqual(messages, [
    { role: 'user', content: { type: 'text', text: 'Hello Ada!\n{{ not }} {{}}' } },
  ]);
  const at = 'PROMPT_TAG_UNKNOWN warning /capability/exposes/0/prompts/1/location';
  assert.deepEqual(found, [at, at]);
  const plain = await agent.getPrompt({ name: 'plain' });
  assert.deepEqual(plain, {
    messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
  });
});

test('arguments that do not fit are -32602 and all named at once', bounded, async (t) => {
  const { url } = await serve(t);
  assert.deepEqual(
    await refused(url, { name: 'zeta', arguments: { dta: 'x', format: 7, hush: 'x' } }),
    [
      -32602,
      'The arguments of the prompt "zeta" do not fit: dta is not an argument of this prompt. Did you mean "data"?; format must be text, not a number; •••• is not an argument of this prompt; data is required and was not given.',
    ],
  );
  const cases: [unknown, RegExp][] = [
    [{ name: 'zeta' }, /data is required and was not given/],
    [{ name: 'zeta', arguments: null }, /data is required and was not given/],
    [{ name: 'zeta', arguments: { data: null } }, /data is required and was not given/],
    [{ name: 'zeta', arguments: { data: ['a'] } }, /data must be text, not a list/],
    [
      { name: 'zeta', arguments: JSON.parse('{"data":"x","__proto__":{"a":1}}') },
      /__proto__ is not/,
    ],
    [
      { name: 'zeta', arguments: { data: 'x', constructor: 'y' } },
      /constructor is not an argument/,
    ],
    [{ name: 'zeta', arguments: ['x'] }, /must be an object of arguments by name, not an array/],
    [{ name: 'zta', arguments: {} }, /^Unknown prompt: "zta"\. Did you mean "zeta"\?$/],
    [{ name: 'toString' }, /^Unknown prompt: "toString"\.$/],
    [{}, /prompts\/get needs the name of a prompt in "name"/],
  ];
  for (const [params, message] of cases) {
    const [code, text] = await refused(url, params);
    assert.equal(code, -32602);
    assert.match(text, message);
  }
});

test('without prompts the list is empty, and a get is unknown', bounded, async (t) => {
  const { url } = await serveMcp(t, toolset([tool('a')]), { run: async () => answered({}) });
  const list = await sendRaw(url, rpc('prompts/list'), { accept: 'application/json' });
  assert.deepEqual(JSON.parse(list.text).result, { prompts: [] });
  assert.equal((await refused(url, { name: 'a' }))[0], -32602);
});

test('what cannot be served is found at load, with its place', async (t) => {
  const folder = await folderOf(t, {
    'latin.txt': Buffer.from([0xe9]),
    'large.txt': 'x'.repeat(1024 * 1024 + 1),
  });
  const prompts = `
- {name: none}
- {name: both, location: file:///./latin.txt, template: [{role: user, content: a}]}
- {name: gone, location: file:///./gone.txt}
- {name: latin, location: file:///./latin.txt}
- {name: large, location: file:///./large.txt}
- {name: folder, location: file:///./}
- {name: far, location: 'vault://x'}
- {name: twice, arguments: [{name: a}, {name: a}], template: [{role: user, content: '{{a}}'}]}
- {name: unused, arguments: [{name: a}], template: [{role: user, content: '{{b}}'}]}
- {name: unused, template: [{role: user, content: b}]}
`;
  const compiled = await compiling(join(folder, 'b.yaml'), capability(prompts));
  const plans = plansOf(compiled);
  const at = '/capability/exposes/0/prompts';
  assert.deepEqual(compiled.found(), [
    `PROMPT_INVALID error ${at}/0`,
    `PROMPT_INVALID error ${at}/1`,
    `LOCATION_MISSING error ${at}/2/location`,
    `LOCATION_INVALID error ${at}/3/location`,
    `LOCATION_INVALID error ${at}/4/location`,
    `LOCATION_INVALID error ${at}/5/location`,
    `LOCATION_INVALID error ${at}/6/location`,
    `PROMPT_INVALID error ${at}/7/arguments/1/name`,
    `PROMPT_TAG_UNKNOWN warning ${at}/8/template/0/content`,
    `INPUT_UNUSED warning ${at}/8/arguments/0`,
    `PROMPT_DUPLICATE warning ${at}/9/name`,
  ]);
  assert.deepEqual(
    plans.map(({ definition }) => definition.name),
    ['unused'],
  );
});

test('a prompt that its arguments blow up is refused', async () => {
  const parts = Array.from({ length: 20 }, () => ({ argument: 'a' }));
  const definition = { name: 'big', arguments: [{ name: 'a', required: true }] };
  const core = createPromptCore('items', [{ definition, messages: [{ role: 'user', parts }] }], {});
  const nobody = plainContext(new AbortController().signal);
  const { messages } = (await core.get('big', { a: 'xy' }, nobody)) as RenderedPrompt;
  assert.deepEqual(messages[0]?.content, { type: 'text', text: 'xy'.repeat(20) });
  await assert.rejects(core.get('big', { a: 'x'.repeat(1024 * 1024) }, nobody), {
    code: -32602,
    message: 'The arguments make the prompt "big" longer than 16777216 characters.',
  });
});
