import type { IncomingHttpHeaders } from 'node:http';
import type { ConsumedParameter } from '../document/document.ts';
import { listViolations, type Violation } from '../errors.ts';
import type { Match, MockOperation } from './operation.ts';
import type { Refusal } from './problem.ts';
import { unfilled } from './unfilled.ts';

export interface Received {
  readonly method: string;
  /** The path below the block's own segment, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Checks path, query, header and cookie parameters: filled in, there when required, of their type. */
export function checkParameters(match: Match, received: Received): Refusal | undefined {
  const left = findUnfilled(match, received);
  if (left.length > 0) {
    return {
      code: 'VALUE_UNFILLED',
      detail: `The gateway sent ${left.map(({ input }) => input).join(', ')} without filling the value in: it is the file's own words, not a value.`,
      violations: left,
    };
  }
  const violations = match.operation.parameters.flatMap((parameter) =>
    checkParameter(parameter, match, received),
  );
  return violations.length === 0 ? undefined : invalidInput(match.operation, violations);
}

export const invalidInput = (
  { target, method, path }: MockOperation,
  violations: readonly Violation[],
): Refusal => ({
  code: 'INPUT_INVALID',
  detail: `${target} (${method} ${path}): ${listViolations(violations)}`,
  violations,
});

/** Every name an input of the operation has, for telling a leftover from a value. */
export const namesOf = ({ operation, variables }: Match): readonly string[] => [
  ...operation.parameters.map(({ name }) => name),
  ...Object.keys(variables),
];

function findUnfilled(match: Match, { query, headers }: Received): Violation[] {
  const names = namesOf(match);
  const violations: Violation[] = [];
  const look = (place: string, name: string, value: string) => {
    const why = unfilled(value, names);
    if (why !== undefined) violations.push({ input: name, in: place, message: why });
  };
  for (const [name, value] of Object.entries(match.variables)) look('path', name, value);
  for (const [name, value] of query) {
    look('query', name, value);
    if (/\{\{.*\}\}/.test(name)) look('query', name, name);
  }
  for (const { in: place, name } of match.operation.parameters) {
    if (place === 'header') look('header', name, headerText(headers, name) ?? '');
  }
  return violations;
}

function checkParameter(parameter: ConsumedParameter, match: Match, received: Received) {
  const { name, in: place } = parameter;
  const values = valuesOf(parameter, match, received);
  if (values === undefined) return [];
  const fault = (message: string): Violation[] => [{ input: name, in: place, message }];
  if (values.length === 0) {
    const needed = parameter.required === true || parameter.value !== undefined;
    return needed ? fault(`is required and was not sent (${place})`) : [];
  }
  const type = parameter.type === 'array' ? parameter.items?.type : parameter.type;
  const check = TYPES[type ?? ''];
  if (check === undefined || values.every((value) => check.test(value))) return [];
  return fault(`is not ${type === 'integer' ? 'an' : 'a'} ${type} (${place})`);
}

const TYPES: Readonly<Record<string, RegExp>> = {
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  boolean: /^(true|false)$/,
};

/** Headers that belong to the connection: never the gateway's to choose. */
const MANAGED =
  /^(host|connection|content-length|transfer-encoding|keep-alive|upgrade|te|trailer|expect|proxy-.*)$/i;

/** What was sent for a parameter, [] for nothing; undefined when it is not looked at here. */
function valuesOf(
  { name, in: place, type, explode }: ConsumedParameter,
  { variables }: Match,
  { query, headers }: Received,
): readonly string[] | undefined {
  switch (place) {
    case 'path':
      // A path parameter that the path has no variable for is the author's slip, not the gateway's.
      return Object.hasOwn(variables, name) ? [variables[name] ?? ''] : undefined;
    case 'query': {
      const values = query.getAll(name);
      if (type === 'array' && explode === false) return values.flatMap((text) => text.split(','));
      if (values.length > 0 || type !== 'object') return values;
      return [...query.keys()].filter((key) => key.startsWith(`${name}[`));
    }
    case 'header': {
      if (MANAGED.test(name)) return undefined;
      const value = headerText(headers, name);
      return value === undefined ? [] : [value];
    }
    case 'cookie': {
      const cookies = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
      return cookies.flatMap(([key, ...rest]) => (key === name ? [rest.join('=')] : []));
    }
    default:
      return undefined;
  }
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}
