import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { InputPlan, OperationPlan, Values } from '../plan/plan.ts';
import { acceptInputs } from '../runtime/input.ts';
import { jsonOf, readBody } from './body.ts';

/** What an operation reads of a request, decided once per route. */
export interface InputReader {
  readonly needsBody: boolean;
  /** @throws GatewayError */
  read(
    request: IncomingMessage,
    query: string,
    variables: readonly string[],
    values: readonly string[],
  ): Values | Promise<Values>;
}

/** @param bodyLimit largest request body taken, in bytes */
export function compileInputReader(operation: OperationPlan, bodyLimit: number): InputReader {
  const { inputs } = operation;
  const bodyInputs = inputs.filter((input) => input.from.in === 'body');
  const whole = bodyInputs.find((input) => input.from.whole === true);
  const usesQuery = inputs.some((input) => input.from.in === 'query');
  const ownContentType = inputs.some(
    (input) => input.from.in === 'header' && /^content-(type|encoding)$/.test(input.from.name),
  );

  const readAll = (
    request: IncomingMessage,
    query: string,
    variables: readonly string[],
    segments: readonly string[],
    body: Body | undefined,
  ): Values => {
    const parameters = usesQuery ? new URLSearchParams(query) : undefined;
    const values = acceptInputs(inputs, (input) => {
      const { from } = input;
      switch (from.in) {
        case 'path':
          return segments[variables.indexOf(from.name)];
        case 'query':
          return readQuery(parameters as URLSearchParams, input);
        case 'header':
          return readHeader(request, from.name);
        case 'cookie':
          return readCookie(request, from.name);
        default:
          return body?.of(input);
      }
    }) as Record<string, unknown>;
    if (whole?.passBytes === true && body?.json === true && values[whole.name] === body.value) {
      values[whole.name] = body.bytes;
    }
    return values;
  };

  if (bodyInputs.length === 0) {
    return {
      needsBody: false,
      read: (request, query, variables, segments) =>
        readAll(request, query, variables, segments, undefined),
    };
  }
  return {
    needsBody: true,
    async read(request, query, variables, segments) {
      const received = await readBody(request, bodyLimit);
      const raw =
        ownContentType && whole !== undefined && isForeign(received.mediaType, received.encoding);
      const body =
        received.bytes.length === 0
          ? undefined
          : raw
            ? rawBody(received.bytes)
            : jsonBody(received, whole);
      return readAll(request, query, variables, segments, body);
    },
  };
}

interface Body {
  readonly bytes: Buffer;
  readonly json: boolean;
  readonly value: unknown;
  of(input: InputPlan): unknown;
}

/** The file declares Content-Type or Content-Encoding as an input: then anything but plain JSON goes as it is. */
const isForeign = (mediaType: string | undefined, encoding: string | undefined): boolean =>
  (mediaType !== undefined && !/[/+]json$/.test(mediaType)) ||
  (encoding !== undefined && encoding !== 'identity');

const rawBody = (bytes: Buffer): Body => ({ bytes, json: false, value: bytes, of: () => bytes });

function jsonBody(received: Parameters<typeof jsonOf>[0], whole: InputPlan | undefined): Body {
  const value = jsonOf(received, whole?.type === 'any' || whole?.type === 'string');
  if (
    whole === undefined &&
    (typeof value !== 'object' || value === null || Array.isArray(value))
  ) {
    throw new GatewayError(
      'INPUT_INVALID',
      'The request body must be a JSON object that holds the inputs as its fields.',
    );
  }
  const isText = typeof value === 'string' && received.mediaType === 'text/plain';
  return {
    bytes: received.bytes,
    json: !isText,
    value,
    of: (input) =>
      input.from.whole === true
        ? value
        : Object.hasOwn(value as object, input.from.name)
          ? (value as Record<string, unknown>)[input.from.name]
          : undefined,
  };
}

function readQuery(parameters: URLSearchParams, input: InputPlan): unknown {
  const { name } = input.from;
  const all = parameters.getAll(name);
  if (input.type === 'array') return all.length === 0 ? undefined : all.length === 1 ? all[0] : all;
  if (all.length === 0)
    return input.type === 'object' ? readDeepObject(parameters, name) : undefined;
  if (all.length === 1) return all[0];
  throw new GatewayError(
    'INPUT_INVALID',
    `${input.name} is given ${all.length} times, but takes one value.`,
    {
      violations: [
        {
          input: input.name,
          in: 'query',
          message: `is given ${all.length} times, but takes one value`,
        },
      ],
    },
  );
}

/** `filter[name]=x&filter[size]=2` as an object. */
function readDeepObject(parameters: URLSearchParams, name: string): unknown {
  const members = [...parameters].filter(
    ([key]) => key.startsWith(`${name}[`) && key.endsWith(']'),
  );
  if (members.length === 0) return undefined;
  return Object.fromEntries(members.map(([key, value]) => [key.slice(name.length + 1, -1), value]));
}

function readHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value.join(', ') : value;
  return text === undefined ? undefined : utf8Of(text);
}

/** Node reads header bytes as Latin-1; text that is really UTF-8 is told by being valid UTF-8. */
function utf8Of(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is the same in both
  if (/^[\0-\x7f]*$/.test(text)) return text;
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? text : decoded;
}

function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair
      .slice(equals + 1)
      .trim()
      .replace(/^"|"$/g, '');
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  }
  return undefined;
}
