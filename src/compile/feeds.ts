import { pointerOf } from '../document/source.ts';
import type { Value } from '../expression/template.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { Gathering } from './gather.ts';
import { isVariableTag } from './inputs.ts';
import type { MappedFeeds } from './mapped-feeds.ts';
import { CALLER_FEED } from './parameter-values.ts';
import { isPlaceable, isTarget } from './references.ts';
import { type StepReferences, useIn } from './step-references.ts';
import { callerUse, useOf } from './use.ts';

/** What mappings give the parameters of one step. */
export interface Mapped {
  readonly values: ReturnType<MappedFeeds['of']>;
  readonly use: MappedFeeds['use'];
}

/** What the parameters of one called operation get: by its `with`, by mappings, else by name. */
export function feedCall(
  compilation: Compilation,
  target: ConsumedTarget,
  written: Readonly<Record<string, unknown>> | undefined,
  pointer: string,
  gathering: Gathering,
  references: StepReferences,
  mapped: Mapped,
): ReadonlyMap<string, Value> {
  const feeds = new Map<string, Value>();
  const own = callerUse(target);
  if (own !== undefined) feeds.set(CALLER_FEED, gathering.take(own.name, own, target));
  const hasFixedValue = (name: string): boolean =>
    target.byName.get(name)?.parameter.value !== undefined;

  for (const [name, reference] of Object.entries(written ?? {})) {
    const at = pointerOf(pointer, 'with', name);
    if (!isTarget(compilation, target, name, at)) continue;
    // Inside an object or a list an input is a piece, whatever the parameter is.
    const isData = typeof reference === 'object' && reference !== null;
    const wanted = isData ? undefined : useIn(target, name, at);
    feeds.set(name, references.value(reference, at, wanted));
  }
  for (const [name, { reference, pointer: at }] of mapped.values) {
    if (feeds.has(name)) continue;
    feeds.set(name, references.value(reference, at, useIn(target, name, at)));
    mapped.use(name);
  }
  for (const name of target.path.variables) {
    if (feeds.has(name) || hasFixedValue(name)) continue;
    const declared = gathering.isDeclared(name) ? name : undefined;
    if (declared === undefined && isVariableTag(compilation, target, name)) continue;
    const input = declared ?? gathering.folded(name) ?? name;
    feeds.set(name, gathering.take(input, useOf(target, name, pointer), target));
  }
  for (const name of new Set([...target.byName.keys(), ...target.tags])) {
    if (feeds.has(name) || hasFixedValue(name) || !gathering.isDeclared(name)) continue;
    // Under another name it has its place in the request already.
    if (references.inputs.has(name) && !target.tags.has(name)) continue;
    feeds.set(name, gathering.take(name, useOf(target, name, pointer), target));
  }
  if (written !== undefined || gathering.declaresInputs) return feeds;
  for (const like of target.parameters) {
    const { name } = like.parameter;
    if (feeds.has(name) || like.parameter.value !== undefined) continue;
    if (!isPlaceable(target, like)) continue;
    const use = { ...useOf(target, name, like.pointer), required: false };
    feeds.set(name, gathering.take(name, use, target));
  }
  return feeds;
}
