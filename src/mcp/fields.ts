import { inputInvalid } from '../errors.ts';
import { isRecord } from '../json.ts';
import type { Json } from '../plan/plan.ts';

const MOST_PATHS = 200;

/** The arguments of a call without what it chose to see. */
export interface Chosen {
  readonly args: Readonly<Record<string, unknown>>;
  readonly paths?: readonly string[];
}

/**
 * Takes the argument of the name out of those of a call: nothing of it goes upstream. An empty one is none.
 * @throws GatewayError INPUT_INVALID
 */
export function takeFields(args: Readonly<Record<string, unknown>>, name: string): Chosen {
  if (!Object.hasOwn(args, name)) return { args };
  const { [name]: given, ...others } = args;
  const listed = typeof given === 'string' ? given.split(',') : (given ?? []);
  if (!Array.isArray(listed) || !listed.every((path) => typeof path === 'string')) {
    const message =
      'must be a list of paths, as ["items[].name", "total"], or one text with commas';
    throw inputInvalid([{ input: name, message }]);
  }
  const paths = [
    ...new Set(listed.map((path: string) => path.trim()).filter((path) => path !== '')),
  ];
  if (paths.length > MOST_PATHS) {
    throw inputInvalid([{ input: name, message: `takes ${MOST_PATHS} paths at most` }]);
  }
  return paths.length === 0 ? { args: others } : { args: others, paths };
}

export interface Selected {
  readonly tree: Json;
  /** Paths that name nothing in the answer. */
  readonly unknown: readonly string[];
}

/** A path on its way down: what is left of it, with `[]` taken off the names. */
interface Way {
  readonly path: string;
  readonly rest: readonly string[];
}

/**
 * What the paths name of a JSON tree, in the order it stands there. Every path goes through arrays,
 * whether `[]` says so or not.
 */
export function selectFields(tree: Json, paths: readonly string[]): Selected {
  const found = new Set<string>();
  const missed = new Set<string>();
  const ways = paths.map((path): Way => ({ path, rest: path.split('.') }));
  const chosen = choose(tree, isRecord(tree) ? ways : ways.map(withoutWrapping), { found, missed });
  return {
    tree: chosen ?? (Array.isArray(tree) ? [] : {}),
    unknown: paths.filter((path) => missed.has(path) && !found.has(path)),
  };
}

/** Structured content has a list under `result`, which is no part of the list. */
const withoutWrapping = ({ path, rest: [first = '', ...rest] }: Way): Way => ({
  path,
  rest: /^(result)?(\[\])*$/.test(first) ? rest : [first, ...rest],
});

interface Seen {
  readonly found: Set<string>;
  readonly missed: Set<string>;
}

function choose(tree: Json, ways: readonly Way[], seen: Seen): Json | undefined {
  const ended = ways.filter(({ rest }) => rest.length === 0);
  for (const { path } of ended) seen.found.add(path);
  if (ended.length > 0) {
    for (const { path } of ways) seen.found.add(path);
    return tree;
  }
  if (Array.isArray(tree)) {
    return (tree as readonly Json[]).flatMap((item) => {
      const chosen = choose(item, ways, seen);
      return chosen === undefined ? [] : [chosen];
    });
  }
  if (!isRecord(tree)) {
    if (tree !== null) for (const { path } of ways) seen.missed.add(path);
    return undefined;
  }
  const further = new Map<string, Way[]>();
  for (const way of ways) {
    const step = stepInto(tree, way.rest);
    if (step === undefined) {
      seen.missed.add(way.path);
      continue;
    }
    const { key, rest } = step;
    const known = further.get(key);
    if (known === undefined) further.set(key, [{ ...way, rest }]);
    else known.push({ ...way, rest });
  }
  const members = Object.keys(tree).flatMap((key) => {
    const onward = further.get(key);
    const chosen = onward === undefined ? undefined : choose(tree[key] as Json, onward, seen);
    return chosen === undefined ? [] : [[key, chosen] as const];
  });
  return Object.fromEntries(members);
}

/** The member that a path begins with; names with dots of their own are found, too. */
function stepInto(
  tree: { readonly [key: string]: Json },
  rest: readonly string[],
): { readonly key: string; readonly rest: readonly string[] } | undefined {
  for (let length = 1; length <= rest.length; length += 1) {
    const written = rest.slice(0, length).join('.');
    for (const key of [written, written.replace(/(\[\])+$/, '')]) {
      if (Object.hasOwn(tree, key)) return { key, rest: rest.slice(length) };
    }
  }
  return undefined;
}
