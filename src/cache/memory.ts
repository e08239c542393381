import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.ts';
import { placesAbove } from './key.ts';

/** Where answers are kept. None of it ever fails: what cannot be kept or found is missed. */
export interface AnswerStore {
  /** `mark` goes with what is written after asking: it is worth nothing once the place has changed. */
  read(key: string, place: string): Found | Promise<Found>;
  write(key: string, place: string, entry: Entry, mark: number): void | Promise<void>;
  /** What is kept of a place, and of those above it, is read no more. */
  change(place: string): void | Promise<void>;
}

export interface Found {
  readonly entry: Entry | undefined;
  readonly mark: number;
}

export interface MemoryOptions {
  readonly maxBytes: number;
  readonly maxEntries?: number;
  readonly now?: () => number;
}

const MOST_ENTRIES = 20_000;
/** Places share a counter with others: then an answer too many is forgotten, and none too few. */
const COUNTERS = 4_096;
/** Of what an entry takes beside its body and headers. */
const OVERHEAD_BYTES = 400;

export const bytesOf = ({ body, headers }: Entry): number =>
  headers.reduce((sum, text) => sum + 2 * text.length, OVERHEAD_BYTES + body.length);

/** The last answers, as many as there is room for. */
export function createMemoryStore(options: MemoryOptions): AnswerStore {
  const { maxBytes, maxEntries = MOST_ENTRIES, now = Date.now } = options;
  const entries = new LRUCache<string, { readonly entry: Entry; readonly mark: number }>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: ({ entry }) => bytesOf(entry),
  });
  const marks = new Uint32Array(COUNTERS);
  return {
    read(key, place) {
      const mark = marks[counterOf(place)] as number;
      const kept = entries.get(key);
      if (kept === undefined) return { entry: undefined, mark };
      if (kept.mark === mark && now() < kept.entry.until) return { entry: kept.entry, mark };
      entries.delete(key);
      return { entry: undefined, mark };
    },
    write(key, place, entry, mark) {
      if (marks[counterOf(place)] === mark) entries.set(key, { entry, mark });
    },
    change(place) {
      for (const each of placesAbove(place)) {
        const at = counterOf(each);
        marks[at] = (marks[at] as number) + 1;
      }
    },
  };
}

/** FNV-1a, the same in every process. */
export function counterOf(place: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < place.length; at += 1) {
    sum = Math.imul(sum ^ place.charCodeAt(at), 0x01000193);
  }
  return (sum >>> 0) % COUNTERS;
}
