import { late } from '../late.ts';
import type { Json } from '../plan/plan.ts';
import { PathRefused, type Piece, splitLoosePath } from './jsonpath-dialect.ts';
import { filterCompiler } from './jsonpath-filter.ts';
import { rfcLibrary } from './jsonpath-library.ts';
import { compilePlainNames } from './jsonpath-plain.ts';
import {
  compileFind,
  compileStep,
  type Evaluation,
  isSingular,
  type Segment,
  toSegments,
} from './jsonpath-query.ts';
import { readSimple } from './jsonpath-simple.ts';
import { lengthOf } from './jsonpath-value.ts';

/**
 * Reads the place that a JSONPath names, or the list of places. A singular path gives undefined when
 * nothing is there, any other an empty list. Throws an Error, which names the path and nothing of the
 * value, when an answer makes the path visit more than ten million values.
 */
export type Select = (value: Json) => Json | undefined;

export interface CompiledPath {
  readonly select: Select;
  /** Whether the path can only name one place: names and indices, nothing else. */
  readonly singular: boolean;
  /** Reads what holds the place that a singular path names; absent for the whole value. */
  readonly holder?: Select;
}

export interface PathOptions {
  /** Only RFC 9535, to the letter. */
  readonly strict?: boolean;
}

const LONGEST_PATH = 2048;
const MOST_WORK = 10_000_000;

/**
 * Compiles a JSONPath once. What RFC 9535 defines is answered as it says. Beyond it: `$.` is the whole
 * value; a path may begin without `$`; names after a dot may hold hyphens, spaces and a few other
 * signs; a number after a dot is a member's name or an index; `.length()` may end a path or stand in a
 * filter. Code is never run.
 * @returns a sentence saying why, beginning with the path, when the path cannot be honoured
 */
export function compileJsonPath(
  path: string,
  options: PathOptions = {},
): CompiledPath | { readonly why: string } {
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  if (path.length > LONGEST_PATH)
    return { why: `${shown} is longer than ${LONGEST_PATH} characters` };
  try {
    return options.strict === true
      ? compileSegments(readStrict(path, true), path)
      : compileLoose(path.trim());
  } catch (error) {
    return { why: `${shown} ${reasonOf(error)}` };
  }
}

const isWholePath = (path: string): boolean => path === '$' || path === '$.';

const WHOLE: CompiledPath = { select: (value) => value, singular: true };
const LENGTH = /\.length\(\s*\)$/;
const BARE = /^[A-Za-z_][\w-]*(?=[.[]|$)/;

function compileLoose(written: string): CompiledPath {
  const path = BARE.test(written) ? `$.${written}` : written;
  if (isWholePath(path)) return WHOLE;
  if (!path.startsWith('$')) throw new PathRefused('does not start with "$"');
  const counted = LENGTH.test(path);
  const { segments, extended } = readLoose(counted ? path.replace(LENGTH, '') : path);
  if (counted) return compileLength(segments, path);
  const compiled = compileSegments(segments, path);
  const select = extended ? compilePlainNames(segments) : undefined;
  return select === undefined ? compiled : { ...compiled, select };
}

function compileSegments(segments: readonly Segment[], path: string): CompiledPath {
  if (isSingular(segments)) return compileSingular(segments);
  const find = compileFind(segments);
  return { select: (value) => find(value, createEvaluation(value, path)), singular: false };
}

function compileSingular(segments: readonly Segment[]): CompiledPath {
  const select = compileStep(segments);
  if (segments.length === 0) return { select, singular: true };
  return { select, singular: true, holder: compileStep(segments.slice(0, -1)) };
}

/**
 * `.length()` is the length of what stands before it: of the value, or of the list that the last
 * bracket selects. Behind names that are looked up in each of several values it could mean either.
 */
function compileLength(segments: readonly Segment[], path: string): CompiledPath {
  const deep = segments.some(({ kind }) => kind === 'deep');
  const last = segments.at(-1)?.kind;
  if (!isSingular(segments) && !deep && last !== 'each') {
    throw new PathRefused(
      'could mean the length of each value or the number of them; end it with a name, or count the list itself',
    );
  }
  const { select } = compileSegments(segments, path);
  return { select: (value) => lengthOf(select(value)), singular: true };
}

/** `extended` says that the path is none of RFC 9535. */
function readLoose(path: string): {
  readonly segments: readonly Segment[];
  readonly extended: boolean;
} {
  let refused: unknown;
  try {
    return { segments: readStrict(path, false), extended: false };
  } catch (error) {
    refused = error;
  }
  let pieces: readonly Piece[];
  try {
    pieces = splitLoosePath(path);
  } catch (error) {
    throw error instanceof PathRefused ? error : refused;
  }
  const segments = pieces.flatMap((piece) =>
    'either' in piece
      ? [{ kind: 'either', name: piece.either } as const]
      : readStrict(`$${piece.rfc}`, false),
  );
  return { segments, extended: true };
}

const environment = late(() => new (rfcLibrary().JSONPathEnvironment)());

function readStrict(path: string, strict: boolean): readonly Segment[] {
  return readSimple(path) ?? toSegments(environment().compile(path), filterCompiler(strict));
}

function createEvaluation(root: Json, path: string): Evaluation {
  let left = MOST_WORK;
  return {
    root,
    spend(work) {
      left -= work;
      if (left < 0) {
        throw new Error(`The path "${path}" visits more values of this answer than it may.`);
      }
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof PathRefused) return error.message;
  if (error instanceof rfcLibrary().JSONPathError) {
    const said = error.message.replace(/ \('.*$/s, '').replace(/'?TOKEN_([A-Z_]+)'?/g, nameToken);
    return `is no JSONPath of RFC 9535: ${said}`;
  }
  if (error instanceof RangeError) return 'is nested too deeply';
  if (error instanceof SyntaxError) return `is no JSONPath of RFC 9535: ${error.message}`;
  throw error;
}

const nameToken = (_: string, name: string): string =>
  name === 'EOF' ? 'end of the path' : name.toLowerCase().replaceAll('_', ' ');
