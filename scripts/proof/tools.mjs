// The tools of a running gateway, by clients nobody here wrote: all of them listed, and called with
// what the API's own collection gives the operations they stand for. What the API was sent and what
// it answered is compared with what happens when the collection is run without a gateway.
import { sample } from 'openapi-sampler';
import { headersOf, isSameBody, requestsDiffer } from './compare.mjs';
import { bestFit, segmentsOf } from './documents.mjs';

/** A client that starts a process for each call makes so many of each method. */
const FEW = 3;

/**
 * @param {{ name: string, version: string, modes: { transport: string, open: Function }[] }} client
 * @param {string} url
 * @param {{ tools: object[], items: object[], direct: Map<string, object>,
 *   recorder: { taken: () => object[] } }} known `tools`: what the files expose; `direct`: what the
 *   API was sent and answered for each item
 * @returns {Promise<{ text: string, isWrong: boolean }[]>}
 */
export async function proveTools(client, url, { tools, items, direct, recorder }) {
  const session = await client.modes.find(({ transport }) => transport === 'HTTP').open({ url });
  try {
    const listed = await session.listTools();
    const lines = [];
    const wrong = (text) => lines.push({ text: `${client.name}: ${text}`, isWrong: true });
    if (listed.length !== tools.length) wrong(`${listed.length} tools instead of ${tools.length}`);
    const apis = items.map((item) => ({
      item,
      method: item.request.method,
      path: `/${item.request.url.path.join('/')}`,
    }));
    const called = new Map();
    let refused = 0;
    for (const { name, inputSchema } of listed) {
      const known = toolOf(tools, name);
      if (known === undefined) {
        wrong(`${name} is of no file`);
        continue;
      }
      const item = bestFit(apis, known.method, segmentsOf(known.path))?.item;
      const wanted = item && direct.get(item.id);
      if (wanted === undefined) continue;
      const count = called.get(known.method) ?? 0;
      if (session.slow && count >= FEW) continue;
      called.set(known.method, count + 1);
      recorder.taken();
      const result = await session.callTool(name, argumentsOf(known, item, inputSchema));
      const sent = recorder.taken().at(-1);
      const difference =
        requestsDiffer(sent, wanted.sent.at(-1), headersOf(item)) ??
        // What a file does not declare, a tool does not send: callers' headers are handed on by REST alone.
        (isRefused(result) && !known.hasCredential ? undefined : differenceOf(result, wanted));
      if (difference !== undefined) wrong(`${name}: ${difference}`);
      else if (isRefused(result)) refused += 1;
    }
    const counts = Array.from(called, ([method, count]) => `${count} ${method}`).join(', ');
    const without =
      refused > 0 ? `; ${refused} refused by the API (401), as no credential is declared` : '';
    lines.push({
      text: `${client.name} ${client.version}: ${listed.length} listed, called ${counts}${without}`,
      isWrong: called.size === 0,
    });
    return lines;
  } finally {
    await session.close();
  }
}

/** Of several tools of one name, the served ones bear the name of their expose in front. */
function toolOf(tools, name) {
  const isQualified = (tool) => name === `${tool.namespace}_${tool.name}`;
  return tools.find(isQualified) ?? tools.find((tool) => tool.name === name);
}

function isRefused({ isError, content }) {
  return isError === true && / answered 401 /.test(content?.[0]?.text ?? '');
}

/** What the item gives each parameter that an input feeds; the rest of what is required is made up. */
function argumentsOf({ inputs }, { request }, { properties = {}, required = [] }) {
  const body = bodyOf(request);
  const bodies = inputs.filter((input) => input.in === 'body');
  const given = {
    path: valuesOf(request.url.variable),
    query: valuesOf(request.url.query),
    header: valuesOf(request.header),
    body: bodies.length === 1 ? { [bodies[0].target]: body } : body,
  };
  const found = inputs.flatMap((input) => {
    const value = given[input.in]?.[input.target];
    const key = keyOf(properties, input.name);
    return value === undefined || key === undefined ? [] : [[key, fitting(properties[key], value)]];
  });
  const made = required.map((key) => [key, sample(properties[key] ?? { type: 'string' })]);
  return { ...Object.fromEntries(made), ...Object.fromEntries(found) };
}

/** Tools bear safe keys: `select` for `$select`. */
function keyOf(properties, name) {
  if (name in properties) return name;
  return Object.keys(properties).find((key) => key === name.replace(/[^\w.-]/g, ''));
}

/** Each value of a name that is given, in a list. */
function valuesOf(entries = []) {
  const values = {};
  for (const { key, value, disabled } of entries) {
    if (disabled !== true) values[key] = [...(values[key] ?? []), value];
  }
  return values;
}

/** All of a collection is text; a tool takes values of their types. */
function fitting(schema, value) {
  if (!Array.isArray(value)) return value;
  if (schema.type === 'array') return value;
  const [text] = value;
  if (schema.type === 'integer' || schema.type === 'number') return Number(text);
  return schema.type === 'boolean' ? text === 'true' : text;
}

function bodyOf({ body }) {
  try {
    return JSON.parse(body?.raw ?? '');
  } catch {
    return undefined;
  }
}

function differenceOf({ isError, structuredContent, content }, { status, body }) {
  const text = content?.find(({ type }) => type === 'text')?.text ?? '';
  if (isError === true) {
    return text.includes(` answered ${status} `) ? undefined : `an error: ${text.slice(0, 200)}`;
  }
  if (status >= 400) return `a success instead of ${status}`;
  if (isSameBody(text, body)) return undefined;
  if (structuredContent && isSameBody(JSON.stringify(structuredContent), body)) return undefined;
  const [only, ...more] = structuredContent?.items ?? [];
  // A stream is collected into a list: what came as its one line is the one item.
  if (more.length === 0 && isSameBody(JSON.stringify(only ?? null), body)) return undefined;
  return `${text.slice(0, 160)} instead of ${body.slice(0, 160)}`;
}
