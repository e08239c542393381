import { isRecord } from '../json.ts';
import type { Json } from '../plan/plan.ts';

/**
 * Lets a path that begins with the name of the root element find it: a hidden field of the tree, seen
 * by name and by nothing that lists fields.
 */
export function nameRoot(tree: Json, name: string): Json {
  if (isRecord(tree)) {
    if (!Object.hasOwn(tree, name)) Object.defineProperty(tree, name, { value: tree });
  }
  return tree;
}

/** The name that `nameRoot` gave. */
export function rootNameOf(tree: Json): string | undefined {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return undefined;
  return Object.getOwnPropertyNames(tree).find(
    (name) => !Object.prototype.propertyIsEnumerable.call(tree, name),
  );
}
