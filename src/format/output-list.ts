import { isRecord } from '../json.ts';
import type { Json, Scope } from '../plan/plan.ts';
import { type OutputShape, shapesOf } from './output-shape.ts';
import { compileSource, type OutputOptions, type Read, type Source } from './output-source.ts';

/** `around` is what stands around the list; undefined where there is none. */
export type ListOf = (around: Json | undefined, scope: Scope) => readonly Json[] | undefined;

/** The elements of a list of `items`, as the format of the answer has lists. */
export const compileListOf = (
  source: Source,
  items: OutputShape | undefined,
  options: OutputOptions,
): ListOf =>
  options.unlisted === true
    ? unlistedOf(source, items === undefined ? () => true : finderOf(items, options))
    : listIn(source.read);

const listIn =
  (read: Read): ListOf =>
  (around, scope) => {
    const value = read(around, scope);
    return Array.isArray(value) ? (value as readonly Json[]) : undefined;
  };

/**
 * Elements of one name beside each other are a list, one alone is itself; none in an element without
 * content is an empty list. What a path gathered from several places is one list, as an answer of
 * such a format has no other. A list of all that stands around is of the elements that this wraps,
 * when nothing that an item asks for is found on itself.
 */
function unlistedOf({ read, gathers, holder }: Source, finds: Finds): ListOf {
  return function listOfElements(around, scope) {
    const value = read(around, scope);
    if (Array.isArray(value)) return gathers ? (value.flat() as Json[]) : (value as Json[]);
    if (value === undefined) {
      return around !== undefined && holder?.(around) === '' ? [] : undefined;
    }
    if (value === null) return undefined;
    if (value === '') return [];
    const wrapped = value === around && !finds(value, scope) ? wrappedIn(value) : undefined;
    return wrapped === undefined ? [value] : ([wrapped].flat() as Json[]);
  };
}

/** Whether a value has anything of what a shape asks for. */
type Finds = (value: Json, scope: Scope) => boolean;

function finderOf(shape: OutputShape, options: OutputOptions): Finds {
  const { type, source, properties } = shape;
  if (source.from === 'value') return () => false;
  // What is wrong with a path is reported where it is compiled to be read.
  const { read } = compileSource(shape, { ...options, report: () => {} });
  const inner = properties && findersOf(shapesOf(properties), options);
  const any: Finds =
    inner === undefined
      ? () => type === 'any' || type === 'object'
      : (value, scope) => inner.some((finds) => finds(value, scope));
  return function finds(value, scope) {
    const found = read(value, scope);
    if (found === value) return any(value, scope);
    return Array.isArray(found) ? found.length > 0 : found !== undefined;
  };
}

const findersOf = (shapes: readonly OutputShape[], options: OutputOptions): Finds[] =>
  shapes.map((shape) => finderOf(shape, options));

/** The only member of an element, or the only one that is no text: attributes may stand beside it. */
function wrappedIn(value: Json): Json | undefined {
  if (!isRecord(value)) return undefined;
  const members = Object.values(value);
  if (members.length === 1) return members[0];
  const structured = members.filter((member) => typeof member === 'object' && member !== null);
  return structured.length === 1 ? structured[0] : undefined;
}
