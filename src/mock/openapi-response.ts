import type { sample as sampleSchema } from 'openapi-sampler';
import { isRecord } from '../json.ts';
import { follow, type Node } from './openapi-document.ts';
import type { MockAnswer } from './problem.ts';

/** What the document says an operation answers; `known` is false when it is silent about the body. */
export type DocumentResponse =
  | { readonly known: true; readonly answer: MockAnswer }
  | { readonly known: false; readonly status: number };

type Sample = typeof sampleSchema;
type Schema = Parameters<Sample>[0];

/**
 * Prepares the answer of the lowest 2xx response: its example, else the first of its examples, else
 * what its schema gives. undefined when the operation has no such response.
 */
export function prepareResponse(
  document: Node,
  operation: Node,
  sample: Sample,
): DocumentResponse | undefined {
  const found = lowestSuccess(document, operation);
  if (found === undefined) return undefined;
  const { status, response } = found;
  if (status === 204 || status === 205) {
    return { known: true, answer: { status, headers: {}, body: undefined } };
  }
  try {
    const content = contentOf(document, operation, response);
    const body = content && bodyOf(document, content, sample);
    if (body === undefined) return { known: false, status };
    const headers = { 'content-type': content?.mediaType ?? 'application/json' };
    return { known: true, answer: { status, headers, body } };
  } catch {
    // A schema the sampler cannot follow; the plain answer still serves.
    return { known: false, status };
  }
}

function lowestSuccess(document: Node, operation: Node) {
  const responses = isRecord(operation.responses) ? operation.responses : {};
  const code = Object.keys(responses)
    .filter((key) => /^2(\d\d|xx)$/i.test(key))
    .sort((a, b) => statusOf(a) - statusOf(b))[0];
  const chosen = code ?? (Object.hasOwn(responses, 'default') ? 'default' : undefined);
  const response = chosen === undefined ? undefined : follow(document, responses[chosen]);
  return response && { status: code === undefined ? 200 : statusOf(code), response };
}

const statusOf = (code: string): number => Number(code.replace(/x/gi, '0'));

interface Content {
  readonly mediaType: string;
  readonly example: unknown;
  readonly schema: unknown;
}

/** The JSON content when there is some, else the first. */
function contentOf(document: Node, operation: Node, response: Node): Content | undefined {
  const byType = isRecord(response.content)
    ? response.content
    : swaggerContent(document, operation, response);
  const types = Object.keys(byType);
  const type = types.find((name) => isJson(name)) ?? types[0];
  if (type === undefined) return undefined;
  const media = follow(document, byType[type]) ?? {};
  const [first] = isRecord(media.examples) ? Object.values(media.examples) : [];
  const example = media.example ?? follow(document, first)?.value;
  const mediaType = type.includes('*') ? 'application/json' : type;
  return { mediaType, example, schema: media.schema };
}

/** Swagger 2.0 keeps schema, examples and media types in three places. */
function swaggerContent(document: Node, operation: Node, response: Node): Node {
  const examples = isRecord(response.examples) ? response.examples : {};
  if (response.schema === undefined && Object.keys(examples).length === 0) return {};
  const produced = [operation.produces, document.produces].find(Array.isArray) ?? [];
  const types = [...Object.keys(examples), ...produced.map(String)];
  if (types.length === 0) types.push('application/json');
  return Object.fromEntries(
    types.map((type) => [type, { schema: response.schema, example: examples[type] }]),
  );
}

function bodyOf(document: Node, content: Content, sample: Sample): string | undefined {
  const { mediaType, example, schema } = content;
  if (example === undefined && schema === undefined) return undefined;
  const xml = /\bxml\b/.test(mediaType) && !isJson(mediaType);
  const options = { skipWriteOnly: true, quiet: true, maxSampleDepth: 8 } as const;
  const value =
    example ??
    sample(schema as Schema, xml ? { ...options, format: 'xml' } : options, document as object);
  if (!isJson(mediaType)) return typeof value === 'string' ? value : JSON.stringify(value);
  return typeof value === 'string' && isJsonText(value) ? value : JSON.stringify(value);
}

const isJson = (mediaType: string): boolean => /\bjson\b|\*/i.test(mediaType);

/** Some documents write their JSON examples as text. */
function isJsonText(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
