import { tokensOf } from './prune.ts';
import type { Position, Source } from './source.ts';

/** Where a value stands in the text, and where its parts do. */
export interface Spot {
  readonly offset: number;
  /** Nothing is written there, so its key is shown in its place. */
  readonly blank?: boolean;
  readonly entries?: ReadonlyMap<string, SpotEntry>;
  readonly items?: readonly Spot[];
}

export interface SpotEntry {
  /** Offset of the key. */
  readonly key: number;
  readonly value: Spot;
}

export type PositionOf = (offset: number) => Position;

export function createSource(
  path: string,
  text: string,
  root: Spot | undefined,
  positionOf: PositionOf,
): Source {
  function position(pointer: string, at: 'key' | 'value' = 'value'): Position {
    let spot: Spot = root ?? { offset: 0 };
    let key: number | undefined;
    let complete = true;
    for (const token of tokensOf(pointer)) {
      const entry = spot.entries?.get(token);
      const next = entry?.value ?? (/^\d+$/.test(token) ? spot.items?.[Number(token)] : undefined);
      if (next === undefined) {
        complete = false;
        break;
      }
      key = entry?.key;
      spot = next;
    }
    const atKey = key !== undefined && (spot.blank === true || (complete && at === 'key'));
    return positionOf(atKey ? (key ?? 0) : spot.offset);
  }

  return { path, text, position };
}

/** Line and column of each offset of a text, both from 1. */
export function createPositions(text: string): PositionOf {
  const starts: number[] = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);

  return function positionOf(offset) {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
