import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, PIXEL, serveParts, WAV } from './content-capability.ts';
import { bounded } from './toolbox.ts';

const call = (name: string) => ({ name, type: 'call', call: `api.${name}` });
const user = (content: unknown) => ({ role: 'user', content });

const PROMPTS = [
  {
    name: 'given',
    arguments: [{ name: 'uri' }, { name: 'word', required: false }],
    template: [
      user({ type: 'resource', uri: '{{uri}}', mimeType: 'text/plain', text: 'It is {{word}}.' }),
      user({ type: 'text', text: 'See {{uri}}', annotations: { audience: ['assistant'] } }),
      user({ type: 'resource_link', uri: 'docs://{{word}}', name: 'doc' }),
    ],
  },
  {
    name: 'made',
    arguments: [{ name: 'word' }],
    steps: [call('pixel'), call('beep'), call('user')],
    template: [
      user({ type: 'image', from: 'pixel' }),
      user({ type: 'audio', from: 'beep' }),
      user({ type: 'resource', uri: 'users://{{user.name}}', from: '$.user.tags' }),
      user('{{word}} for {{user.name}}'),
      user({ type: 'text', from: '$.user.none' }),
    ],
  },
  { name: 'one', call: 'api.pixel', template: [user({ type: 'image', from: 'pixel' })] },
  { name: 'wrong', call: 'api.page', template: [user({ type: 'image', from: 'page' })] },
];

test('messages hold parts, arguments put into texts and URIs', bounded, async (t) => {
  const { older, newer } = await serveParts(t, { prompts: PROMPTS });
  const image = { type: 'image', data: PIXEL.toString('base64'), mimeType: 'image/png' };
  for (const client of [older, newer]) {
    const contents = async (name: string, args: Record<string, string> = {}) =>
      (await client.getPrompt({ name, arguments: args })).messages.map(({ content }) => content);
    assert.deepEqual(await contents('given', { uri: 'test://{{word}}', word: 'a b' }), [
      {
        type: 'resource',
        resource: { uri: 'test://{{word}}', mimeType: 'text/plain', text: 'It is a b.' },
      },
      { type: 'text', text: 'See test://{{word}}', annotations: { audience: ['assistant'] } },
      { type: 'resource_link', uri: 'docs://a%20b', name: 'doc' },
    ]);
    assert.deepEqual(await contents('made', { word: 'Tea' }), [
      image,
      { type: 'audio', data: WAV.toString('base64'), mimeType: 'audio/wav' },
      {
        type: 'resource',
        resource: { uri: 'users://Ada', mimeType: 'application/json', text: '["a","b"]' },
      },
      { type: 'text', text: 'Tea for Ada' },
    ]);
    assert.deepEqual(await contents('one'), [image]);
    await assert.rejects(contents('given', { uri: 'no uri' }), /"no uri" is no URI/);
    await assert.rejects(contents('wrong'), /"page" gave text\/html, which is no image/);
  }
});

test('what a message cannot be made of is found at its place', async () => {
  const finds = async (content: object, more: object = {}): Promise<readonly string[]> =>
    (await findingsOf({ prompts: [{ name: 'p', template: [user(content)], ...more }] })).found;
  const at = '/prompts/0/template/0/content';
  assert.deepEqual(await finds({ type: 'text', text: '{{wrd}}' }), [
    `REFERENCE_UNKNOWN ${at}/text`,
  ]);
  assert.deepEqual(
    await finds({ type: 'text', text: '{{wrd}} {{word}}' }, { arguments: [{ name: 'word' }] }),
    [`REFERENCE_UNKNOWN ${at}/text → word`],
  );
  assert.deepEqual(await finds({ type: 'image', from: 'pixel' }), [`REFERENCE_UNKNOWN ${at}/from`]);
  assert.deepEqual(await finds({ type: 'image', from: 'user' }, { call: 'api.user' }), [
    `CONTENT_INVALID ${at}/from`,
  ]);
  assert.deepEqual(await finds({ type: 'text', text: 'a' }, { arguments: [{ name: 'idle' }] }), [
    'INPUT_UNUSED /prompts/0/arguments/0',
  ]);
});
