import { pointerOf } from '../document/source.ts';
import { isCall, namesIn, parseCall } from '../expression/call.ts';
import { NO_SCOPE, parseTemplate, readerOf, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';

/**
 * Structured data whose strings may be templates: values go in as values, never pasted as text.
 * Members and items that are absent are left out. Data without a tag is a constant.
 * @param compile makes a string's value; undefined was reported
 */
export function compileData(
  data: unknown,
  pointer: string,
  compile: (text: string, pointer: string) => Value | undefined,
): Value {
  if (typeof data === 'string') return compile(data, pointer) ?? { constant: undefined };
  if (typeof data !== 'object' || data === null) return { constant: data };
  const members = Object.entries(data).map(
    ([key, member]) => [key, compileData(member, pointerOf(pointer, key), compile)] as const,
  );
  const readers = members.map(([key, value]) => [key, readerOf(value)] as const);
  const read = Array.isArray(data) ? listReader(readers) : recordReader(readers);
  return members.every(([, value]) => 'constant' in value)
    ? { constant: read(NO_SCOPE) }
    : { read };
}

type Readers = readonly (readonly [key: string, read: (scope: Scope) => unknown])[];

const listReader =
  (readers: Readers) =>
  (scope: Scope): unknown =>
    readers.map(([, read]) => read(scope)).filter((item) => item !== undefined);

const recordReader =
  (readers: Readers) =>
  (scope: Scope): unknown => {
    const out: Record<string, unknown> = Object.create(null);
    for (const [key, read] of readers) {
      const value = read(scope);
      if (value !== undefined) out[key] = value;
    }
    return out;
  };

/** The names in the tags of every string in `data`. */
export function tagsIn(data: unknown, names: Set<string> = new Set()): Set<string> {
  if (typeof data === 'string') {
    for (const part of parseTemplate(data).parts ?? [])
      if ('name' in part) addNames(part.name, names);
  } else if (typeof data === 'object' && data !== null) {
    for (const member of Object.values(data)) tagsIn(member, names);
  }
  return names;
}

function addNames(tag: string, names: Set<string>): void {
  const call = isCall(tag) ? parseCall(tag).call : undefined;
  for (const name of call === undefined ? [tag] : namesIn(call)) names.add(name);
}
