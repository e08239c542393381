import type { AnswerLimit } from '../plan/answer-limit.ts';
import type { InputPlan, Json } from '../plan/plan.ts';
import type { Cut } from './json-fit.ts';

/** What a caller is told of an answer that is not whole, or not what was chosen. */
export interface Told {
  readonly cuts: readonly Cut[];
  /** Why structured content is missing where it is promised. */
  readonly unstructured: boolean;
  /** Characters of the texts before they were shortened. */
  readonly characters: number;
  readonly limit: AnswerLimit;
  /** Keys of inputs by which less can be asked for. */
  readonly narrowing: readonly string[];
  /** The argument that chooses fields, where there is one. */
  readonly fields: string | undefined;
  /** What was chosen and is not there. */
  readonly unknown: readonly string[];
  /** It was given for an answer that has none. */
  readonly unselectable: boolean;
}

/** The shortest note there is; it holds whatever the limit. */
export const LEAST_NOTE = 'Shortened: this is not the whole answer.';

/** Sentences on what is missing and how to ask for it, in at most `room` characters; '' for nothing. */
export function noteOf(told: Told, room: number): string {
  const lines = [...selectionLines(told)];
  if (told.cuts.length === 0) return joined(lines, room);
  const advice = adviceOf(told);
  const head = [
    `Shortened to fit the limit of ${limitText(told.limit)}: this is not the whole answer, which has ${told.characters} characters.`,
    ...(told.unstructured
      ? [
          'What is left does not satisfy the outputSchema of the tool, so it is not structured and marked as an error.',
        ]
      : []),
  ];
  const enough = joined([...head, advice, ...lines, ...told.cuts.map(cutLine)], room);
  if (enough.startsWith(head[0] as string)) return enough;
  return LEAST_NOTE.length <= room ? LEAST_NOTE : '';
}

/** As many lines as there is room for, in this order. */
function joined(lines: readonly string[], room: number): string {
  let text = '';
  for (const line of lines) {
    const longer = text === '' ? line : `${text}\n${line}`;
    if (longer.length <= room) text = longer;
  }
  return text;
}

const NAMES_TOLD = 10;
const LONGEST_NAME = 80;

function* selectionLines({
  unknown,
  unselectable,
  unstructured,
  cuts,
  fields,
}: Told): Iterable<string> {
  if (unselectable)
    yield `${fields} chose nothing: the answer is no JSON, and stands here as it is.`;
  if (unknown.length > 0) yield `The answer has no ${listed(unknown)}, named in ${fields}.`;
  if (unstructured && cuts.length === 0) {
    yield 'What was chosen does not satisfy the outputSchema of the tool, so it is not structured and marked as an error.';
  }
}

function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, NAMES_TOLD)
    .map((name) =>
      JSON.stringify(name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`),
    );
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function cutLine({ path, kind, kept, of, places }: Cut): string {
  const where = path === '' ? 'the answer' : path;
  const also = places === 1 ? '' : `, and likewise in ${places - 1} more places`;
  if (kind === 'items') return `- ${where}: the first ${kept} of ${of} items${also}`;
  if (kind === 'text') return `- ${where}: the first ${kept} of ${of} characters${also}`;
  if (kind === 'members') return `- ${where}: ${kept} of ${of} members${also}`;
  return `- ${where}: left out${also}`;
}

function adviceOf({ narrowing, fields }: Told): string {
  const ways = [
    ...(narrowing.length === 0 ? [] : [`give ${narrowing.slice(0, NAMES_TOLD).join(', ')}`]),
    ...(fields !== undefined ? [`name in ${fields} what you need, as ["items[].name"]`] : []),
  ];
  if (ways.length === 0)
    return 'The tool has no input that asks for less; what is missing needs another call.';
  return `To see the rest: ${ways.join(', or ')}.`;
}

const limitText = ({ characters, tokens }: AnswerLimit): string =>
  [
    ...(characters ? [`${characters} characters`] : []),
    ...(tokens ? [`about ${tokens} tokens`] : []),
  ].join(' and ');

/** As words, in whatever spelling: pageSize, page_size, $top, filter[name]. */
const NARROWING = new Set(
  `page pages paging pagination per limit offset cursor after before since until start end count
  top skip max maximum size first last next take token continuation q query search filter filters
  where select fields field expand include exclude from to range sort order`.split(/\s+/),
);

/** The keys of inputs that look as if they asked for a page, a part, or fewer things. */
export function narrowingInputs(inputs: readonly InputPlan[]): readonly string[] {
  return inputs
    .filter(
      ({ name, from }) => from.in !== 'path' && wordsOf(name).some((word) => NARROWING.has(word)),
    )
    .map(({ key }) => key);
}

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);

const CUTS_IN_META = 50;

/** The same for programs. */
export function metaOf({ cuts, characters, limit, narrowing, fields, unknown }: Told): {
  readonly [key: string]: Json;
} {
  return {
    ...(cuts.length === 0
      ? {}
      : {
          'naftiko/shortened': {
            limit: { ...limit },
            characters,
            cuts: cuts.slice(0, CUTS_IN_META).map((cut) => ({ ...cut })),
            narrowing: [...narrowing, ...(fields === undefined ? [] : [fields])],
          },
        }),
    ...(unknown.length === 0 ? {} : { 'naftiko/unknownFields': unknown.slice(0, CUTS_IN_META) }),
  };
}
