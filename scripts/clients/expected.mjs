// What every client does, and what must come of it. A check throws, or says what it lacks.
import assert from 'node:assert/strict';
import { ANSWERS, ROOT, SAID } from './answers.mjs';
import { GRAPH } from './graph.mjs';

/** A client that has no call for something says so; it is no failure. */
export const LACKING = Symbol('lacking');

const LOGIN = 'login-user';
const LOGOUT = 'logout-user';
const BODY = { email: 'zoë@example.com', password: 'a "quoted" word' };
const FINGERPRINT = 'fp-7';
const TEXT = 'This is a simple text response for testing.';
const TOOLS = ['test_simple_text', 'test_image_content', 'json_schema_2020_12_tool'];
const RESOURCES = ['test://static-text', 'test://static-binary', 'test://watched-resource'];
const PNG = /^iVBORw0KGgo/;
const WAV = /^UklGR/;

/** In the order of the columns. `on` is what it is driven against. */
export const FEATURES = [
  { name: 'seeds', on: 'seeds', check: drivesSeeds },
  { name: 'list', on: 'fixture', check: listsTools },
  { name: 'text', on: 'fixture', check: getsText },
  { name: 'structured', on: 'seeds', check: getsStructure },
  { name: 'image', on: 'fixture', check: getsImage },
  { name: 'audio', on: 'fixture', check: getsAudio },
  { name: 'embedded', on: 'fixture', check: getsEmbedded },
  { name: 'error', on: 'fixture', check: getsError },
  { name: 'progress', on: 'fixture', check: hearsProgress },
  { name: 'elicitation', on: 'fixture', check: isAsked },
  { name: 'sampling', on: 'fixture', check: samples },
  { name: 'roots', on: 'fixture', check: givesRoots },
  { name: 'resources', on: 'fixture', check: readsResources },
  { name: 'templates', on: 'fixture', check: readsTemplate },
  { name: 'prompts', on: 'fixture', check: getsPrompts },
  { name: 'completion', on: 'fixture', check: completes },
  { name: '1,158 tools', on: 'graph', check: drivesGraph },
];

async function drivesSeeds(session, target) {
  const tools = await session.listTools();
  const given = { body: BODY, 'seon-fp': FINGERPRINT };
  const login = answerOf(await session.callTool(LOGIN, given));
  const { method, path, headers, body } = login;
  const said = { method: 'POST', path: '/v1/account/login', body: BODY };
  assert.deepEqual({ method, path, body }, said);
  assert.equal(headers['seon-fp'], FINGERPRINT);
  const logout = answerOf(await session.callTool(LOGOUT, {}));
  assert.equal(`${logout.method} ${logout.path}`, 'DELETE /v1/account/logout');
  if (session.send) {
    const url = `${target.rest}/v1/v1/account/login`;
    const byRest = await session.send('POST', url, { 'seon-fp': FINGERPRINT }, BODY);
    assert.deepEqual(byRest, login, 'REST and MCP give different answers');
  }
  for (const { name, inputSchema } of session.slow ? [] : tools) {
    const args = name === LOGIN ? given : argumentsFor(inputSchema);
    answerOf(await session.callTool(name, args));
  }
}

async function listsTools(session) {
  const tools = await session.listTools();
  const names = tools.map(({ name }) => name);
  for (const name of TOOLS) assert.ok(names.includes(name), `no ${name} among ${names}`);
}

async function getsText(session) {
  const [part] = contentOf(await session.callTool('test_simple_text', {}));
  assert.equal(part.text, TEXT);
}

async function getsStructure(session) {
  const result = await session.callTool(LOGOUT, {});
  assert.deepEqual(result.structuredContent, JSON.parse(result.content[0].text));
}

async function getsImage(session) {
  const [{ type, mimeType, data }] = contentOf(await session.callTool('test_image_content', {}));
  assert.deepEqual({ type, mimeType }, { type: 'image', mimeType: 'image/png' });
  assert.match(data, PNG);
}

async function getsAudio(session) {
  const [{ type, mimeType, data }] = contentOf(await session.callTool('test_audio_content', {}));
  assert.deepEqual({ type, mimeType }, { type: 'audio', mimeType: 'audio/wav' });
  assert.match(data, WAV);
}

async function getsEmbedded(session) {
  const content = contentOf(await session.callTool('test_multiple_content_types', {}));
  const kinds = content.map(({ type }) => type).sort();
  assert.deepEqual(kinds, ['image', 'resource', 'text']);
  const { resource } = content.find(({ type }) => type === 'resource');
  assert.equal(resource.uri, 'test://mixed-content-resource');
  assert.deepEqual(JSON.parse(resource.text), { test: 'data', value: 123 });
}

async function getsError(session) {
  const { isError, content } = await session.callTool('test_error_handling', {});
  assert.equal(isError, true);
  assert.ok(content[0].text.length > 0);
}

async function hearsProgress(session) {
  if (!session.progress) return LACKING;
  const points = [];
  await session.progress('test_tool_with_progress', (point) => points.push(point.progress));
  // Clients drop what reaches them in one piece with the answer.
  assert.ok(points.length > 0, 'no point of progress');
}

async function isAsked(session) {
  if (!session.asks.includes('elicitation')) return LACKING;
  const once = await session.callTool('test_elicitation', { message: 'Who are you?' });
  const [{ text }] = contentOf(once);
  for (const key of ['username', 'email']) assert.ok(text.includes(ANSWERS[key]), text);
  const twice = await session.callTool('test_input_required_result_multi_round', {});
  assert.equal(contentOf(twice)[0].text, `${ANSWERS.name} likes ${ANSWERS.color}.`);
}

async function samples(session) {
  if (!session.asks.includes('sampling')) return LACKING;
  const [{ text }] = contentOf(await session.callTool('test_sampling', { prompt: 'Say a word.' }));
  assert.equal(text, `LLM response: ${SAID}`);
}

async function givesRoots(session) {
  if (!session.asks.includes('roots')) return LACKING;
  const result = await session.callTool('test_input_required_result_list_roots', {});
  assert.ok(contentOf(result)[0].text.includes(ROOT));
}

async function readsResources(session) {
  if (!session.listResources) return LACKING;
  const uris = (await session.listResources()).map(({ uri }) => uri);
  for (const uri of RESOURCES) assert.ok(uris.includes(uri), `no ${uri} among ${uris}`);
  const [text] = (await session.readResource('test://static-text')).contents;
  assert.equal(text.text, 'This is the content of the static text resource.');
  const [binary] = (await session.readResource('test://static-binary')).contents;
  assert.match(binary.blob, PNG);
}

async function readsTemplate(session) {
  if (!session.listTemplates) return LACKING;
  const [{ uriTemplate }] = await session.listTemplates();
  const [{ text }] = (await session.readResource(uriTemplate.replace('{id}', '123'))).contents;
  assert.equal(JSON.parse(text).id, '123');
}

async function getsPrompts(session) {
  if (!session.listPrompts) return LACKING;
  const names = (await session.listPrompts()).map(({ name }) => name);
  assert.ok(names.includes('test_simple_prompt'), `prompts are ${names}`);
  const args = { arg1: 'a word', arg2: 'another' };
  const { messages } = await session.getPrompt('test_prompt_with_arguments', args);
  const filled = "Prompt with arguments: arg1='a word', arg2='another'";
  assert.equal(messages[0].content.text, filled);
  const withImage = await session.getPrompt('test_prompt_with_image', {});
  assert.match(withImage.messages[0].content.data, PNG);
}

async function completes(session) {
  if (!session.complete) return LACKING;
  const values = await session.complete({
    ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
    argument: { name: 'arg1', value: 'teste' },
  });
  assert.deepEqual(values, ['tested']);
}

async function drivesGraph(session) {
  const tools = await session.listTools();
  assert.equal(tools.length, GRAPH.tools);
  assert.equal(GRAPH.longest.length, GRAPH.length);
  for (const name of session.slow ? [GRAPH.longest] : [GRAPH.first, GRAPH.longest]) {
    const tool = tools.find((each) => each.name === name);
    assert.ok(tool, `no tool ${name}`);
    const given = { id: 'me', $select: 'subject,from', 'fields[]': 'size' };
    const { query } = answerOf(await session.callTool(name, spelledAs(tool, given)));
    assert.deepEqual(query, { $select: 'subject,from', 'fields[]': 'size' });
  }
}

/** Arguments under the names the tool lists: `$select` may be served as `select`. */
function spelledAs({ inputSchema: { properties } }, given) {
  const plain = (name) => name.replace(/[^A-Za-z0-9]/g, '');
  const keys = Object.keys(properties);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const key = keys.find((each) => plain(each) === plain(name));
      assert.ok(key, `no ${name} among ${keys}`);
      return [key, value];
    }),
  );
}

/** The value of a tool result; both of its forms must say the same. */
function answerOf(result) {
  const value = JSON.parse(contentOf(result)[0].text);
  if (result.structuredContent) assert.deepEqual(result.structuredContent, value);
  return value;
}

function contentOf({ isError, content }) {
  assert.ok(!isError, content?.[0]?.text);
  return content;
}

const SAMPLES = { string: 'text', integer: 1, number: 1.5, boolean: true, array: [] };

function argumentsFor({ properties = {}, required = [] }) {
  return Object.fromEntries(required.map((key) => [key, sampleOf(properties[key])]));
}

const sampleOf = (schema) => SAMPLES[schema.type] ?? argumentsFor(schema);
