// The requests of a published Postman collection: as they are, or with their placeholders filled in
// by what the API's own document asks for.
import fs from 'node:fs';
import { sample } from 'openapi-sampler';
import { bestFit, operationsOf } from './documents.mjs';

/** Described as any text; in words, and in the real API, one of a few. */
const WORDS = { order: 'asc', type: 'runtime', stream: 'stdout', streams: 'stdout' };
const PROTOCOL = { type: 'string', example: 'http' };

/** Described as text, since that is how they travel; in words they are numbers. */
const NUMBERS = new Set(['limit', 'offset', 'replica_index']);

/** Every request of a collection, folders opened, with its saved answers left out. */
export function itemsOf(file) {
  const { item, variable, auth } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const open = (each) => (each.item === undefined ? [each] : each.item.flatMap(open));
  const items = item.flatMap(open).map(({ response, ...each }) => each);
  return { items, variable, auth };
}

/** `GET /v1/apps/:id`, of an item. */
export const titleOf = ({ request }) => `${request.method} /${request.url.path.join('/')}`;

/** The items with values that fit the document instead of `<string>` and the like. */
export function filled(items, published) {
  const document = settled(published);
  const operations = operationsOf(document);
  return items.map((item) => {
    const { request } = item;
    const found = bestFit(operations, request.method, request.url.path);
    if (found === undefined) return item;
    const named = (place, key) => found.parameters.find((p) => p.in === place && p.name === key);
    const value = (place, entry) => ({
      ...entry,
      value: textFor(named(place, entry.key), entry),
    });
    const schema = bodySchema(found);
    const body = schema && {
      ...request.body,
      mode: 'raw',
      raw: JSON.stringify(sample(schema, { skipReadOnly: true }, document)),
    };
    return {
      ...item,
      request: {
        ...request,
        url: {
          ...request.url,
          query: request.url.query?.map((entry) => value('query', entry)),
          variable: request.url.variable?.map((entry) => value('path', entry)),
        },
        header: request.header?.map((entry) => value('header', entry)),
        ...(request.body && body && { body }),
      },
    };
  });
}

function bodySchema({ operation, parameters }) {
  const swagger = parameters.find((parameter) => parameter.in === 'body');
  return swagger?.schema ?? operation.requestBody?.content?.['application/json']?.schema;
}

/** Whether a value of it is the word for a value, as collections are published. */
export function isPlaceheld({ request: { url, header = [], body } }) {
  const given = [...(url.query ?? []), ...(url.variable ?? []), ...header].map(
    ({ value }) => value,
  );
  return [...given, body?.raw].some((text) => /<\w+>/.test(text ?? ''));
}

/** Whether it has a body that says JSON and is none. */
export function hasBrokenBody({ request: { body } }) {
  if (!body?.raw) return false;
  try {
    JSON.parse(body.raw);
    return false;
  } catch {
    return true;
  }
}

/**
 * The document with samples that a caller may send: first in each list of values stands the one for
 * "none of these", and some bounds are told in words only.
 */
function settled(node) {
  if (Array.isArray(node)) return node.map(settled);
  if (node === null || typeof node !== 'object') return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, each]) => [key, settled(each)]));
  if (Array.isArray(copy.enum)) {
    const meant = copy.enum.filter((each) => !/INVALID|^UNKNOWN/.test(each));
    if (meant.length > 0) {
      copy.enum = meant;
      if (!meant.includes(copy.default)) delete copy.default;
    }
  }
  if (copy.protocol?.type === 'string') copy.protocol = PROTOCOL;
  const bound = /^Between (\d+) and/.exec(copy.title ?? '');
  if (bound) copy.example = Number(bound[1]);
  return copy;
}

function textFor(parameter, { key, value }) {
  if (!/^<.*>$/.test(value ?? '')) return value;
  const { type, format, enum: allowed, items } = { ...parameter, ...parameter?.schema };
  const choices = allowed ?? items?.enum;
  if (choices !== undefined) return choices[0];
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  if (type === 'boolean') return 'true';
  if (key in WORDS) return WORDS[key];
  const isNumber = type === 'integer' || type === 'number' || /int/.test(format ?? '');
  if (isNumber || NUMBERS.has(key)) return '1';
  return 'sample';
}
