import type { Json } from '../plan/plan.ts';
import { DEEPEST } from '../runtime/depth.ts';
import { isExact, keySize, sizeOf } from './json-tree.ts';

/** What was taken out of one place, places in items of one array counting as the same. */
export interface Cut {
  /** `items[].name`; '' is the whole. */
  readonly path: string;
  readonly kind: 'items' | 'text' | 'members' | 'value';
  /** Items, characters or members that are still there, and that were; of the first such place. */
  readonly kept: number;
  readonly of: number;
  /** How many places this stands for. */
  readonly places: number;
}

/** Strings of no more characters are kept whole or left out: identifiers, dates, links. */
const SHORT_TEXT = 64;
const LEAST_TEXT = SHORT_TEXT + 2;
/** Of an array's room, what one of many items takes at most. */
const ITEM_SHARE = 4;

type Cuts = Map<string, Cut>;
type Members = { readonly [key: string]: Json };

/**
 * A tree whose JSON text has at most `budget` characters: what is big is made smaller first, arrays
 * keep their first items, long strings their beginning, objects all of their members as long as that
 * is possible. The tree itself where it fits. undefined where not even an empty one fits.
 */
export function fitTree(
  tree: Json,
  budget: number,
): { readonly tree: Json | undefined; readonly cuts: readonly Cut[] } {
  const cuts: Cuts = new Map();
  const fitted = fit(tree, budget, '', DEEPEST - 1, cuts);
  if (fitted === undefined) return { tree: undefined, cuts: [WHOLE_VALUE] };
  return { tree: fitted, cuts: [...cuts.values()] };
}

const WHOLE_VALUE: Cut = { path: '', kind: 'value', kept: 0, of: 1, places: 1 };

/** The most each may have so that together they take no more than `room`, none less than its least. */
export function levelOf(sizes: readonly number[], leasts: readonly number[], room: number): number {
  let low = 0;
  let high = Math.max(0, room);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    let total = 0;
    for (const [at, size] of sizes.entries()) {
      total += Math.max(leasts[at] ?? 0, Math.min(size, middle));
    }
    if (total <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}

function fit(
  tree: Json,
  budget: number,
  path: string,
  levels: number,
  cuts: Cuts,
): Json | undefined {
  if (sizeOf(tree, budget, levels) <= budget) return tree;
  if (typeof tree === 'string')
    return isExact(tree) ? undefined : cutText(tree, budget, path, cuts);
  if (typeof tree !== 'object' || tree === null || budget < 2) return undefined;
  return Array.isArray(tree)
    ? fitArray(tree, budget, path, levels, cuts)
    : fitObject(tree as Members, budget, path, levels, cuts);
}

function fitArray(
  items: readonly Json[],
  budget: number,
  path: string,
  levels: number,
  cuts: Cuts,
): Json {
  const kept: Json[] = [];
  const share = shareOf(items, budget, levels);
  let used = 2;
  for (const item of levels === 0 ? [] : items) {
    const room = budget - used - (kept.length > 0 ? 1 : 0);
    const size = sizeOf(item, share, levels - 1);
    const target = size <= share ? size : Math.max(share, leastOf(item, room, levels - 1));
    if (target > room) break;
    const fitted = fit(item, target, `${path}[]`, levels - 1, cuts);
    if (fitted === undefined) break;
    used = budget - room + sizeOf(fitted, target, levels - 1);
    kept.push(fitted);
  }
  if (kept.length < items.length) {
    noteCut(cuts, { path, kind: 'items', kept: kept.length, of: items.length });
  }
  return kept;
}

/** Of few items each gets a fair share, of many the first ones a good part. */
function shareOf(items: readonly Json[], budget: number, levels: number): number {
  if (items.length > ITEM_SHARE || levels === 0) return Math.floor(budget / ITEM_SHARE);
  const sizes = items.map((item) => sizeOf(item, budget, levels - 1));
  return levelOf(sizes, [], budget - 1 - items.length);
}

function fitObject(tree: Members, budget: number, path: string, levels: number, cuts: Cuts): Json {
  const keys = Object.keys(tree);
  const members = levels === 0 ? [] : Object.entries(tree);
  const kept: (readonly [string, Json])[] = [];
  let room = budget - 1;
  for (const [key] of members) room -= keySize(key);
  const leasts = room < 0 ? [] : members.map(([, value]) => leastOf(value, room, levels - 1));
  const keepsAll = room >= 0 && leasts.reduce((sum, least) => sum + least, 0) <= room;
  const sizes = keepsAll ? members.map(([, value]) => sizeOf(value, room, levels - 1)) : [];
  const share = keepsAll ? levelOf(sizes, leasts, room) : Math.floor(budget / ITEM_SHARE);
  let left = budget - 1;
  for (const [at, [key, value]] of members.entries()) {
    const free = left - keySize(key);
    if (free <= 0) continue;
    const least = leasts[at] ?? leastOf(value, free, levels - 1);
    const target = Math.max(least, Math.min(sizeOf(value, share, levels - 1), share));
    if (target > free) continue;
    const fitted = fit(value, target, memberPath(path, key), levels - 1, cuts);
    if (fitted === undefined) continue;
    left = free - sizeOf(fitted, target, levels - 1);
    kept.push([key, fitted]);
  }
  const of = keys.length;
  if (kept.length < of) noteCut(cuts, { path, kind: 'members', kept: kept.length, of });
  return Object.fromEntries(kept);
}

/** The least that a tree can be made without losing a member of an object; more than `cap` is too much. */
function leastOf(tree: Json, cap: number, levels: number): number {
  if (typeof tree === 'string' && !isExact(tree) && tree.length > SHORT_TEXT) return LEAST_TEXT;
  if (typeof tree !== 'object' || tree === null) return sizeOf(tree, cap, levels);
  if (Array.isArray(tree) || levels === 0) return 2;
  let least = 1;
  for (const key in tree) {
    least += keySize(key);
    if (least > cap) return least;
    least += leastOf((tree as Members)[key] as Json, cap - least, levels - 1);
  }
  return Math.max(2, least);
}

/** The beginning of a text and `…`, whose JSON text is no longer than the budget. */
function cutText(text: string, budget: number, path: string, cuts: Cuts): Json | undefined {
  let size = 3;
  let end = 0;
  for (const point of text) {
    size += JSON.stringify(point).length - 2;
    if (size > budget) break;
    end += point.length;
  }
  if (end === 0) return undefined;
  noteCut(cuts, { path, kind: 'text', kept: end, of: text.length });
  return `${text.slice(0, end)}…`;
}

function noteCut(cuts: Cuts, cut: Omit<Cut, 'places'>): void {
  const key = `${cut.kind} ${cut.path}`;
  const known = cuts.get(key);
  cuts.set(
    key,
    known === undefined ? { ...cut, places: 1 } : { ...known, places: known.places + 1 },
  );
}

const LONGEST_KEY = 60;

function memberPath(path: string, key: string): string {
  const shown = key.length <= LONGEST_KEY ? key : `${key.slice(0, LONGEST_KEY)}…`;
  const name = /^[^\s.[\]"]+$/u.test(shown) ? shown : JSON.stringify(shown);
  return path === '' ? name : `${path}.${name}`;
}
