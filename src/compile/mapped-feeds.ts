import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { ConsumedTarget } from './consumes.ts';
import type { WrittenMapping } from './mappings.ts';
import { splitPath } from './step-references.ts';

/** Mappings of which each fills an output, or else a parameter of a step after the one it reads. */
export interface MappedFeeds {
  /** What the mappings give the step at `place`: parameter name → reference and its pointer. */
  of(
    target: ConsumedTarget,
    place: number,
  ): ReadonlyMap<string, { readonly reference: unknown; readonly pointer: string }>;
  /** Notes that the mapping of this name fed a step. */
  use(name: string): void;
  /** Those that fed no step, with their places in the file. */
  rest(): readonly PlacedMapping[];
}

export interface PlacedMapping {
  readonly mapping: WrittenMapping;
  readonly pointer: string;
}

/**
 * @param taken names that mean something else: a declared output or a declared input
 * @param names of all steps, in file order
 */
export function mappedFeeds(
  mappings: readonly WrittenMapping[],
  pointer: string,
  taken: (name: string) => boolean,
  names: readonly string[],
): MappedFeeds {
  const placed = mappings.map((mapping, index) => ({
    mapping,
    pointer: pointerOf(pointer, index),
  }));
  const used = new Set<string>();
  const sourceOf = ({ value }: WrittenMapping): number | undefined =>
    typeof value === 'string' ? splitPath(value, names)?.at : undefined;
  return {
    of(target, place) {
      const feeds = placed.filter(({ mapping }) => {
        const from = sourceOf(mapping);
        const { targetName } = mapping;
        if (from === undefined || from >= place || taken(targetName)) return false;
        const like = target.byName.get(targetName);
        if (like?.parameter.value !== undefined) return false;
        return (
          like !== undefined ||
          target.path.variables.includes(targetName) ||
          target.tags.has(targetName)
        );
      });
      return new Map(
        feeds.map(({ mapping, pointer: at }) => [
          mapping.targetName,
          { reference: mapping.value, pointer: pointerOf(at, 'value') },
        ]),
      );
    },
    use: (name) => void used.add(name),
    rest: () => placed.filter(({ mapping }) => !used.has(mapping.targetName)),
  };
}

export const outputNames = (outputs: readonly OutputParameter[]): readonly string[] =>
  outputs.flatMap(({ name }) => (name === undefined ? [] : [name]));
