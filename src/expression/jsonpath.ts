import { JSONPath } from 'jsonpath-plus';
import type { Json } from '../plan/plan.ts';

/** Reads one place, or the list of places, that a JSONPath names. Undefined when nothing is there. */
export type Select = (value: Json) => Json | undefined;

type Token = string | number | typeof WILDCARD;
const WILDCARD = Symbol('[*]');

/**
 * Compiles a JSONPath once. Plain paths (members, indices, `[*]`) become closures; slices, unions and
 * `..` go to jsonpath-plus, with evaluation of code off. `$` and `$.` are the whole value.
 * @returns a sentence saying why when the path cannot be honoured
 */
export function compileJsonPath(path: string): { select: Select } | { why: string } {
  const text = path.trim();
  if (!text.startsWith('$')) return { why: `"${path}" does not start with "$"` };
  if (isWholePath(text)) return { select: (value) => value };
  if (/\?/.test(text)) return { why: `"${path}" uses a filter, which is not served yet` };
  if (/\(/.test(text)) return { why: `"${path}" uses a function, which is not served yet` };
  const tokens = readPlainPath(text);
  return { select: tokens === undefined ? selectByLibrary(text) : selectPlain(tokens) };
}

export const isWholePath = (path: string): boolean => path === '$' || path === '$.';

const STEP =
  /\.([^.[\]*()?@,:'"]+)|\[\s*(?:(-?\d+)|'((?:[^'\\])*)'|"((?:[^"\\])*)"|(\*))\s*\]|\.(\*)/y;

function readPlainPath(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, member, index, single, double] = match;
    const name = member?.trim() ?? single ?? double;
    if (index !== undefined) tokens.push(Number(index));
    else if (name !== undefined) tokens.push(name);
    else tokens.push(WILDCARD);
  }
  return tokens;
}

function selectPlain(tokens: readonly Token[]): Select {
  const wildcard = tokens.indexOf(WILDCARD);
  if (wildcard === -1) {
    const steps = tokens as readonly (string | number)[];
    return function selectMember(value) {
      let at: Json | undefined = value;
      for (const step of steps) {
        at = child(at, step);
        if (at === undefined) return undefined;
      }
      return at;
    };
  }
  const before = selectPlain(tokens.slice(0, wildcard));
  const rest = tokens.slice(wildcard + 1);
  const after = selectPlain(rest);
  const nested = rest.includes(WILDCARD);
  return function selectEach(value) {
    const container = before(value);
    if (container === null || typeof container !== 'object') return undefined;
    const out: Json[] = [];
    for (const item of Object.values(container) as Json[]) {
      const found = after(item);
      if (found === undefined) continue;
      if (nested) out.push(...(found as readonly Json[]));
      else out.push(found);
    }
    return out;
  };
}

function child(value: Json | undefined, step: string | number): Json | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (typeof step === 'number') return Array.isArray(value) ? (value.at(step) as Json) : undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, Json>)[step] : undefined;
}

function selectByLibrary(path: string): Select {
  return function selectList(value) {
    if (value === null || typeof value !== 'object') return undefined;
    return JSONPath({ path, json: value, wrap: true, eval: false }) as Json;
  };
}
