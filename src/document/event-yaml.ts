import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import { plainValue } from './plain-scalar.ts';
import type { Spot, SpotEntry } from './spot.ts';
import type { Part } from './value.ts';
import { createWords } from './words.ts';

/** Words and marks a file may have; the largest published file has 90,000. */
const EVENT_LIMIT = 500_000;

/**
 * Reads YAML by the events of js-yaml, which takes a tenth of the time of building a syntax tree: a
 * file of a thousand operations is read in a fraction of a second. A text with any mistake, with
 * anchors, aliases, tags or merge keys, or of several documents gives undefined; the syntax tree of
 * the other library then reads it, and explains what is wrong.
 */
export function readEvents(text: string): Part | undefined {
  const events = eventsOf(text);
  if (events === undefined) return undefined;
  const ownWord = createWords();
  let next = 1;

  function readNode(): Part | undefined {
    const event = events?.[next];
    next += 1;
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return readScalar(text, event, ownWord);
      case EVENT_ID.SEQUENCE:
        return readList(event.start);
      case EVENT_ID.MAPPING:
        return readMapping(event.start);
      default:
        return undefined;
    }
  }

  function readList(offset: number): Part | undefined {
    const value: unknown[] = [];
    const items: Spot[] = [];
    while (events?.[next]?.type !== EVENT_ID.POP) {
      const part = readNode();
      if (part === undefined) return undefined;
      value.push(part.value);
      items.push(part.spot);
    }
    next += 1;
    return { value, spot: { offset, items } };
  }

  function readMapping(offset: number): Part | undefined {
    const value: Record<string, unknown> = {};
    const entries = new Map<string, SpotEntry>();
    while (events?.[next]?.type !== EVENT_ID.POP) {
      const event = events?.[next];
      if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) return undefined;
      next += 1;
      const key = getScalarValue(text, event);
      // What is refused or means more than a key is the other library's to read and to explain.
      if (key === '<<' || key === '__proto__' || entries.has(key)) return undefined;
      const part = readNode();
      if (part === undefined) return undefined;
      value[key] = part.value;
      entries.set(key, { key: startOf(text, event), value: part.spot });
    }
    next += 1;
    return { value, spot: { offset, entries } };
  }

  return events[1]?.type === EVENT_ID.MAPPING ? readNode() : undefined;
}

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;

/** The events of one document without anchors, aliases and tags; undefined for any other text. */
function eventsOf(text: string): readonly Event[] | undefined {
  // The two libraries differ on directives, indented document marks and a second byte order mark.
  if (/^%|^ +---|\ufeff/m.test(text)) return undefined;
  let events: readonly Event[];
  try {
    events = parseEvents(text, {});
  } catch {
    return undefined;
  }
  if (events.length > EVENT_LIMIT) return undefined;
  const isPlain = events.every(
    (event, index) =>
      event.type !== EVENT_ID.ALIAS &&
      (event.type !== EVENT_ID.DOCUMENT || index === 0) &&
      (!('anchorStart' in event) || (event.anchorStart < 0 && event.tagStart < 0)),
  );
  return isPlain ? events : undefined;
}

function readScalar(
  text: string,
  event: ScalarEvent,
  ownWord: (word: string) => string,
): Part | undefined {
  const word = ownWord(getScalarValue(text, event));
  // A block of nothing but blank lines is one more place where the libraries differ.
  if (event.style >= SCALAR_STYLE.LITERAL_BLOCK && word.trim() === '') return undefined;
  const isWord = event.style === SCALAR_STYLE.PLAIN;
  const blank = event.valueStart < 0;
  const spot: Spot = blank ? { offset: 0, blank } : { offset: startOf(text, event) };
  return { value: blank ? null : isWord ? plainValue(word) : word, spot };
}

/** Quotes belong to the place of a text, and so does the mark that a block of text begins with. */
function startOf(text: string, { valueStart, style }: ScalarEvent): number {
  switch (style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return valueStart - 1;
    case SCALAR_STYLE.LITERAL_BLOCK:
      return text.lastIndexOf('|', valueStart - 1);
    case SCALAR_STYLE.FOLDED_BLOCK:
      return text.lastIndexOf('>', valueStart - 1);
    default:
      return valueStart;
  }
}
