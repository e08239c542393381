import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../../src/document/load.ts';
import { textOf } from '../support/agent.ts';
import { exposing, findingsOf, PIXEL, serveParts, WAV } from './content-capability.ts';
import { bounded } from './toolbox.ts';

const image = { type: 'image', data: PIXEL.toString('base64'), mimeType: 'image/png' };
const call = (name: string) => ({ name, type: 'call', call: `api.${name}` });

const TOOLS = [
  {
    name: 'parts',
    inputParameters: [{ name: 'who', type: 'string', required: false }],
    steps: [call('pixel'), call('user'), call('beep'), call('report')],
    content: [
      {
        type: 'text',
        text: '{{who}} met {{user.name}}: {{user.tags}}, {{user.age}}{{user.none}}.',
      },
      { type: 'image', from: 'pixel', annotations: { audience: ['user'], priority: 0.5 } },
      { type: 'audio', from: 'beep' },
      { type: 'resource', uri: 'users://{{user.name}}/{{who}}', from: 'user' },
      { type: 'resource', uri: 'files://pixel', from: 'pixel' },
      { type: 'resource', uri: 'files://report', from: 'report' },
      { type: 'resource', uri: 'files://tags', mimeType: 'text/x-tags', from: '$.user.tags' },
      { type: 'image', from: '$.user.photo', mimeType: 'image/png' },
      { type: 'text', from: '$.user.none' },
      { type: 'text', from: '$.user.tags[0]' },
      {
        type: 'resource_link',
        uri: 'users://{{user.name}}',
        name: 'user {{user.name}}',
        title: 'Who',
        description: 'All of {{user.name}}',
        mimeType: 'application/json',
      },
    ],
  },
  {
    name: 'single',
    call: 'api.octets',
    content: [
      { type: 'image', from: 'octets' },
      { type: 'text', text: 'That is it.' },
    ],
  },
  {
    name: 'both',
    call: 'api.user',
    content: [{ type: 'text', text: 'Hello {{user.name}}' }],
    outputParameters: [
      { type: 'object', properties: { name: { type: 'string', mapping: '$.name' } } },
    ],
  },
  { name: 'no-image', call: 'api.page', content: [{ type: 'image', from: 'page' }] },
  { name: 'refused', call: 'api.refused', content: [{ type: 'text', text: 'never' }] },
  {
    name: 'empty',
    call: 'api.empty',
    content: [
      { type: 'text', text: 'Done.' },
      { type: 'text', from: 'empty' },
    ],
  },
  {
    name: 'alone',
    inputParameters: [{ name: 'who', type: 'string' }],
    content: [{ type: 'text', text: 'Hi {{who}}, {{who}}!' }],
  },
  {
    name: 'linked',
    inputParameters: [{ name: 'uri', type: 'string' }],
    content: [{ type: 'resource_link', uri: '{{uri}}', name: 'it' }],
  },
  { name: 'plain-beep', call: 'api.beep' },
  { name: 'plain-wave', call: 'api.wave' },
  { name: 'plain-jpg', call: 'api.jpg' },
  { name: 'plain-octets', call: 'api.octets' },
  { name: 'plain-noise', call: 'api.noise' },
];

test('parts are made of inputs, values and bytes, the same in both eras', bounded, async (t) => {
  const { older, newer } = await serveParts(t, { tools: TOOLS });
  const who = 'Bo/b {{user.name}}';
  const expected = [
    { type: 'text', text: 'Bo/b {{user.name}} met Ada: ["a","b"], 36.' },
    { ...image, annotations: { audience: ['user'], priority: 0.5 } },
    { type: 'audio', data: WAV.toString('base64'), mimeType: 'audio/wav' },
    {
      type: 'resource',
      resource: {
        uri: `users://Ada/${encodeURIComponent(who)}`,
        mimeType: 'application/json',
        text: JSON.stringify({
          name: 'Ada',
          tags: ['a', 'b'],
          age: 36,
          photo: PIXEL.toString('base64'),
          none: null,
        }),
      },
    },
    {
      type: 'resource',
      resource: { uri: 'files://pixel', mimeType: 'image/png', blob: PIXEL.toString('base64') },
    },
    { type: 'resource', resource: { uri: 'files://report', mimeType: 'text/csv', text: 'a;é' } },
    {
      type: 'resource',
      resource: { uri: 'files://tags', mimeType: 'text/x-tags', text: '["a","b"]' },
    },
    image,
    { type: 'text', text: 'a' },
    {
      type: 'resource_link',
      uri: 'users://Ada',
      name: 'user Ada',
      title: 'Who',
      description: 'All of Ada',
      mimeType: 'application/json',
    },
  ];
  for (const client of [older, newer]) {
    const result = await client.callTool({ name: 'parts', arguments: { who } });
    assert.deepEqual(result.content, expected);
    assert.equal(result.structuredContent, undefined);
    assert.ok(!result.isError);
  }
});

test('a single call with parts: its bytes, its refusal, its emptiness', bounded, async (t) => {
  const { newer } = await serveParts(t, { tools: TOOLS });
  const result = async (name: string) => newer.callTool({ name, arguments: {} });
  assert.deepEqual((await result('single')).content, [
    image,
    { type: 'text', text: 'That is it.' },
  ]);
  const refused = await result('refused');
  assert.equal(refused.isError, true);
  assert.match(textOf(refused), /api\.refused answered 404.*There is none/s);
  assert.deepEqual((await result('empty')).content, [{ type: 'text', text: 'Done.' }]);
  const page = await result('no-image');
  assert.equal(page.isError, true);
  assert.match(textOf(page), /UPSTREAM_UNUSABLE.*"page" gave text\/html, which is no image/);
});

test('with declared outputs one part says what the structured answer says', bounded, async (t) => {
  const { newer, older } = await serveParts(t, { tools: TOOLS });
  const tools = (await newer.listTools()).tools;
  assert.ok(tools.find(({ name }) => name === 'both')?.outputSchema !== undefined);
  assert.equal(tools.find(({ name }) => name === 'parts')?.outputSchema, undefined);
  await older.listTools();
  for (const client of [older, newer]) {
    const result = await client.callTool({ name: 'both', arguments: {} });
    assert.deepEqual(result.structuredContent, { name: 'Ada' });
    assert.deepEqual(result.content, [
      { type: 'text', text: 'Hello Ada' },
      { type: 'text', text: '{"name":"Ada"}' },
    ]);
  }
});

test('parts need no call, and a URI that is none is refused', bounded, async (t) => {
  const { newer, upstream } = await serveParts(t, { tools: TOOLS });
  const alone = await newer.callTool({ name: 'alone', arguments: { who: 'Ada' } });
  assert.deepEqual(alone.content, [{ type: 'text', text: 'Hi Ada, Ada!' }]);
  const linked = await newer.callTool({ name: 'linked', arguments: { uri: 'docs://a b' } });
  assert.equal(linked.isError, true);
  assert.match(textOf(linked), /INPUT_INVALID.*"docs:\/\/a b" is no URI/);
  assert.equal(upstream.requests.length, 0);
});

test(
  'binary answers have the registered media type, looked at only where none is said',
  bounded,
  async (t) => {
    const { older } = await serveParts(t, { tools: TOOLS });
    const part = async (name: string) => {
      const result = await older.callTool({ name, arguments: {} });
      const [first] = result.content as { type: string; mimeType?: string; resource?: object }[];
      return first;
    };
    assert.deepEqual(await part('plain-beep'), {
      type: 'audio',
      data: WAV.toString('base64'),
      mimeType: 'audio/wav',
    });
    assert.equal((await part('plain-wave'))?.mimeType, 'audio/wav');
    assert.equal((await part('plain-jpg'))?.mimeType, 'image/jpeg');
    assert.deepEqual(await part('plain-octets'), image);
    assert.deepEqual(await part('plain-noise'), {
      type: 'resource',
      resource: {
        uri: 'naftiko:api.noise',
        mimeType: 'application/octet-stream',
        blob: Buffer.from([0, 1, 2, 3]).toString('base64'),
      },
    });
  },
);

test('what a part cannot be made of is found at load, at its place', async () => {
  const steps = [call('pixel'), call('user')];
  const finds = async (part: object): Promise<readonly string[]> =>
    (await findingsOf({ tools: [{ name: 't', steps, content: [part] }] })).found.filter(
      (finding) => !finding.startsWith('STEP_UNUSED'),
    );
  const at = '/tools/0/content/0';
  const uri = 'docs://a';
  assert.deepEqual(await finds({ type: 'text' }), [`CONTENT_INVALID ${at}`]);
  assert.deepEqual(await finds({ type: 'text', text: 'a', from: 'user' }), [
    `CONTENT_INVALID ${at}`,
  ]);
  assert.deepEqual(await finds({ type: 'text', text: '{{usr.name}}' }), [
    `REFERENCE_UNKNOWN ${at}/text → user`,
  ]);
  assert.deepEqual(await finds({ type: 'text', text: '{{pixel}}' }), [
    `CONTENT_INVALID ${at}/text`,
  ]);
  assert.deepEqual(await finds({ type: 'text', text: '{{#a}}' }), [`TEMPLATE_INVALID ${at}/text`]);
  assert.deepEqual(await finds({ type: 'text', from: 'pixel' }), [`CONTENT_INVALID ${at}/from`]);
  assert.deepEqual(await finds({ type: 'image', from: 'pixl' }), [
    `REFERENCE_UNKNOWN ${at}/from → pixel`,
  ]);
  assert.deepEqual(await finds({ type: 'image', from: '$.pixel.x' }), [
    `CONTENT_INVALID ${at}/from`,
  ]);
  assert.deepEqual(await finds({ type: 'image', from: 'user' }), [`CONTENT_INVALID ${at}/from`]);
  assert.deepEqual(await finds({ type: 'image', from: '$.user.photo' }), [
    `CONTENT_INVALID ${at}/from`,
  ]);
  assert.deepEqual(await finds({ type: 'image', from: 'pixel', mimeType: 'audio/wav' }), [
    `CONTENT_INVALID ${at}/mimeType`,
  ]);
  assert.deepEqual(await finds({ type: 'image', from: '$.user[', mimeType: 'image/png' }), [
    `JSONPATH_INVALID ${at}/from`,
  ]);
  assert.deepEqual(await finds({ type: 'resource', uri: 'no uri', text: 'a' }), [
    `CONTENT_INVALID ${at}/uri`,
  ]);
  assert.deepEqual(await finds({ type: 'resource', uri, text: 'fine' }), []);
});

test('what the schema of the language asks of parts', async () => {
  const codes = (part: object): string[] =>
    loadText(
      'a.yaml',
      exposing({ tools: [{ name: 't', call: 'api.user', content: [part] }] }),
    ).findings.map(({ code, pointer }) => `${code} ${pointer.replace(/.*content/, '')}`);
  assert.deepEqual(codes({ type: 'resource', text: 'a' }), ['KEY_MISSING /0']);
  assert.deepEqual(codes({ type: 'resource_link', uri: 'a:b' }), ['KEY_MISSING /0']);
  assert.deepEqual(codes({ type: 'image', text: 'a' }).sort(), [
    'KEY_MISSING /0',
    'KEY_UNKNOWN /0/text',
  ]);
  assert.deepEqual(codes({ type: 'video', from: 'a' }), ['VALUE_NOT_ALLOWED /0/type']);
  const annotations = { priority: 2, audience: ['all'] };
  assert.deepEqual(codes({ type: 'text', text: 'a', annotations }).sort(), [
    'VALUE_NOT_ALLOWED /0/annotations/audience/0',
    'VALUE_NOT_ALLOWED /0/annotations/priority',
  ]);
});
