import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { inputInvalid } from '../errors.ts';
import { kindOfJson } from '../json-scan.ts';
import type { InputPlan, Json, RoutePlan, Values } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { acceptInputs, tooDeep } from '../runtime/input.ts';
import { type ReceivedBody, readBody } from './body.ts';
import { readDeclared } from './declared-body.ts';
import { isJsonType, type ReadBody, readJson } from './json-body.ts';
import { readCookie, readHeader, readQuery } from './parameters.ts';
import { routeVariables } from './router.ts';

/**
 * Reads the inputs of one operation from a request, at once where it need not wait for a body.
 * @param query without its question mark
 * @param segments the decoded values of the route's variables, in order
 * @param take is given them; must not throw
 * @param refuse is given a GatewayError
 */
export type ReadInputs = (
  request: IncomingMessage,
  query: string,
  segments: readonly string[],
  take: (values: Values) => void,
  refuse: (thrown: unknown) => void,
) => void;

/** Decides once per route what of a request is read. @param bodyLimit in bytes */
export function compileInputReader({ path, operation }: RoutePlan, bodyLimit: number): ReadInputs {
  const { inputs } = operation;
  if (inputs.length === 0) return (_request, _query, _segments, take) => take(NO_VALUES);
  const variables = routeVariables(path);
  const usesQuery = inputs.some((input) => input.from.in === 'query');
  const bodyInputs = inputs.filter((input) => input.from.in === 'body');
  const whole = bodyInputs.find((input) => input.from.whole === true);

  const accept = (
    accepted: readonly InputPlan[],
    { headers }: IncomingMessage,
    query: string,
    segments: readonly string[],
    body: ReadBody | undefined,
  ): Record<string, unknown> => {
    const parameters = usesQuery && query !== '' ? new URLSearchParams(query) : NO_QUERY;
    return acceptInputs(accepted, (input, refuse) => {
      const { from } = input;
      switch (from.in) {
        case 'path':
          return segments[variables.indexOf(from.name)];
        case 'query':
          return readQuery(parameters, input, refuse);
        case 'header':
          return readHeader(headers, from.name);
        case 'cookie':
          return readCookie(headers, from.name);
        default:
          return body === undefined ? undefined : readField(body, input, refuse);
      }
    });
  };

  if (bodyInputs.length === 0) {
    return function readInputs(request, query, segments, take, refuse) {
      let values: Values;
      try {
        values = accept(inputs, request, query, segments, undefined);
      } catch (thrown) {
        refuse(thrown);
        return;
      }
      take(values);
    };
  }
  const passes = compilePassing(inputs, whole);
  const plain = whole?.type === 'any' ? 'json' : whole?.type === 'string' ? 'text' : undefined;
  const others = inputs.filter((input) => input !== whole);
  const valuesWith = (
    request: IncomingMessage,
    query: string,
    segments: readonly string[],
    received: ReceivedBody,
  ): Values => {
    if (received.bytes.length === 0) return accept(inputs, request, query, segments, undefined);
    if (whole !== undefined && isAsAsked(received, whole)) {
      const values = accept(others, request, query, segments, undefined);
      values[whole.name] = received.bytes;
      return values;
    }
    const body: ReadBody = passes(received)
      ? { value: received.bytes, json: undefined }
      : (readDeclared(received, whole?.mediaType) ?? readJson(received, plain, whole?.mediaType));
    const values = accept(inputs, request, query, segments, body);
    return whole?.passBytes === true ? withBytes(values, whole, body) : values;
  };
  return function readInputsAndBody(request, query, segments, take, refuse) {
    const received = (body: ReceivedBody): void => {
      let values: Values;
      try {
        values = valuesWith(request, query, segments, body);
      } catch (thrown) {
        refuse(thrown);
        return;
      }
      take(values);
    };
    readBody(request, bodyLimit, received, refuse);
  };
}

/** Whether a body is all that is asked of it, as can be told without reading it. */
function isAsAsked(
  { bytes, mediaType, charset, encoding }: ReceivedBody,
  { passKind }: InputPlan,
): boolean {
  if (passKind === undefined || encoding !== undefined) return false;
  if (mediaType !== undefined && !isJsonType(mediaType)) return false;
  if (charset !== undefined && charset !== 'utf-8') return false;
  if (!isUtf8(bytes)) return false;
  const kind = kindOfJson(bytes);
  return kind !== undefined && (passKind === 'any' || passKind === kind);
}

const NO_QUERY = new URLSearchParams();
const NO_VALUES: Values = Object.freeze(Object.create(null));

/**
 * Where the file declares Content-Type or Content-Encoding as an input, the caller says what the
 * body is: other than plain JSON it goes upstream as it came.
 */
function compilePassing(
  inputs: readonly InputPlan[],
  whole: InputPlan | undefined,
): (received: ReceivedBody) => boolean {
  const isInput = (name: string): boolean =>
    inputs.some(({ from }) => from.in === 'header' && from.name === name);
  const anyType = isInput('content-type');
  const anyEncoding = isInput('content-encoding');
  return function passes({ mediaType, encoding }) {
    if (whole === undefined) return false;
    const isJson = mediaType === undefined || isJsonType(mediaType);
    if (isJson && encoding === undefined) return false;
    return (isJson || anyType) && (encoding === undefined || anyEncoding);
  };
}

/** One of several body inputs is the field of its name; an only one is the whole body. */
function readField(
  { value }: ReadBody,
  { from }: InputPlan,
  refuse: (why: string) => void,
): unknown {
  if (from.whole === true) return value;
  if (from.select !== undefined) return selected(value as Json, from.select, refuse);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(`must be a field of a JSON object, but the body is ${kindOf(value)}`);
    return undefined;
  }
  return Object.hasOwn(value, from.name)
    ? (value as Record<string, unknown>)[from.name]
    : undefined;
}

function selected(
  body: Json,
  select: (body: Json) => Json | undefined,
  refuse: (why: string) => void,
): Json | undefined {
  try {
    return select(body);
  } catch {
    refuse('cannot be found in the body, which takes too many steps to search. Send less');
    return undefined;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** The bytes of the body in place of its value, where no coercion changed that. */
function withBytes(values: Values, whole: InputPlan, body: ReadBody): Values {
  const value = values[whole.name];
  if (body.json !== undefined && value === body.value) {
    return Object.assign(Object.create(null), values, { [whole.name]: body.json });
  }
  if (isDeeperThan(DEEPEST, value)) {
    throw inputInvalid([{ input: whole.name, in: 'body', message: tooDeep }]);
  }
  return values;
}
