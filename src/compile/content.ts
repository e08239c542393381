import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { compileJsonPath } from '../expression/jsonpath.ts';
import { parseTemplate, readerOf, type Value } from '../expression/template.ts';
import type { ContentAnnotations, ContentPlan, ContentSource, TextPiece } from '../plan/content.ts';
import type { Json, Scope, StepPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { splitPath } from './step-references.ts';

/** A part as the file writes it; the schema has seen to what its type needs. */
export interface WrittenPart {
  readonly type: ContentPlan['type'];
  readonly text?: string;
  readonly from?: string;
  readonly uri?: string;
  readonly mimeType?: string;
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly annotations?: ContentAnnotations;
}

/** What parts may name. */
export interface ContentNames {
  /** An input, or a value of a step; undefined when nothing has the name. */
  readonly tag: (name: string, pointer: string) => Value | undefined;
  /** The value of a step that is there. Called, it counts as used. */
  readonly step: (name: string) => (scope: Scope) => Json | undefined;
  /** In file order; those that cannot be run are missing. */
  readonly steps: readonly StepPlan[];
  /** What may be meant by a name that nothing has. */
  readonly inputs: readonly string[];
}

/** A part as a plan; undefined when a finding says why not. */
export function compilePart(
  compilation: Compilation,
  part: WrittenPart,
  pointer: string,
  names: ContentNames,
): ContentPlan | undefined {
  const texts = { compilation, names, pointer };
  const base = {
    ...(part.annotations === undefined ? {} : { annotations: part.annotations }),
    ...(part.mimeType === undefined ? {} : { mimeType: part.mimeType.toLowerCase() }),
  };
  switch (part.type) {
    case 'text':
    case 'image':
    case 'audio': {
      const source = sourceOf(compilation, part, pointer, names);
      return source && { ...base, type: part.type, source };
    }
    case 'resource': {
      const source = sourceOf(compilation, part, pointer, names);
      const uri = uriOf(texts, part.uri as string);
      return source && uri && { ...base, type: part.type, uri, source };
    }
    case 'resource_link': {
      const { title, description } = part;
      const uri = uriOf(texts, part.uri as string);
      const name = piecesOf(texts, 'name', part.name as string);
      const told = title === undefined ? [] : piecesOf(texts, 'title', title);
      const said = description === undefined ? [] : piecesOf(texts, 'description', description);
      if (!(uri && name && told && said)) return undefined;
      return {
        ...base,
        type: part.type,
        uri,
        name,
        ...(told.length === 0 ? {} : { title: told }),
        ...(said.length === 0 ? {} : { description: said }),
      };
    }
  }
}

/** Steps whose answers parts hand on as they came. */
export const keptBy = (parts: readonly ContentPlan[]): readonly string[] => [
  ...new Set(
    parts.flatMap((part) =>
      'source' in part && part.source.kind === 'step' ? [part.source.step] : [],
    ),
  ),
];

function sourceOf(
  compilation: Compilation,
  part: WrittenPart,
  pointer: string,
  names: ContentNames,
): ContentSource | undefined {
  const { type, text, from } = part;
  const refuse = (at: string, why: string): undefined => {
    compilation.report('CONTENT_INVALID', at, why);
    return undefined;
  };
  if ((text === undefined) === (from === undefined)) {
    const found = text === undefined ? 'neither text nor from' : 'both text and from';
    return refuse(pointer, `This part has ${found}. Give it one of the two to be made of.`);
  }
  const major = part.mimeType?.split('/', 1)[0]?.toLowerCase();
  if ((type === 'image' || type === 'audio') && major !== undefined && major !== type) {
    const at = pointerOf(pointer, 'mimeType');
    return refuse(at, `A part of type ${type} is of a media type that begins with ${type}/.`);
  }
  if (text !== undefined) {
    const pieces = piecesOf({ compilation, names, pointer }, 'text', text);
    return pieces && { kind: 'text', pieces };
  }
  const source = referred(compilation, from as string, pointerOf(pointer, 'from'), names);
  if (source === undefined) return undefined;
  const why = whyNot(part, source, names);
  return why === undefined ? source : refuse(pointerOf(pointer, 'from'), why);
}

/** A step by its name, or a path into one. */
function referred(
  compilation: Compilation,
  from: string,
  pointer: string,
  names: ContentNames,
): Exclude<ContentSource, { kind: 'text' }> | undefined {
  const known = names.steps.map(({ name }) => name);
  if (known.includes(from)) {
    names.step(from);
    return { kind: 'step', step: from };
  }
  const path = from.startsWith('$') ? splitPath(from, known) : undefined;
  if (path === undefined) {
    const isPath = from.startsWith('$');
    const wanted = isPath ? (/^\$\.?\[?['"]?([^.['"\]]*)/.exec(from)?.[1] ?? '') : from;
    const are = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointer,
      `"${from}" names no step (${are}). Write the name of one, or a path into one: $.step.field.`,
      { suggestion: nearest(wanted, known) },
    );
    return undefined;
  }
  const step = known[path.at] as string;
  const whole = names.step(step);
  if (path.rest === '') return { kind: 'step', step };
  const compiled = compileJsonPath(`$${path.rest}`);
  if ('why' in compiled) {
    compilation.report('JSONPATH_INVALID', pointer, `The path ${compiled.why}.`);
    return undefined;
  }
  return {
    kind: 'value',
    step,
    read(scope) {
      const value = whole(scope);
      return value === undefined ? undefined : compiled.select(value);
    },
  };
}

/** Bytes are no text, and what is no bytes makes an image only as base64 of a known type. */
function whyNot(
  { type, mimeType }: WrittenPart,
  source: Exclude<ContentSource, { kind: 'text' }>,
  names: ContentNames,
): string | undefined {
  const step = names.steps.find(({ name }) => name === source.step);
  const isBinary = step?.kind === 'call' && step.format === 'binary';
  if (source.kind === 'value' && isBinary) {
    return `"${source.step}" gives bytes (outputRawFormat: binary), which no path leads into. Name the step alone.`;
  }
  if (type === 'text' && isBinary) {
    return `"${source.step}" gives bytes (outputRawFormat: binary), which are no text. Make the part an image, audio or resource.`;
  }
  if (type !== 'image' && type !== 'audio') return undefined;
  if (source.kind === 'step' && step?.kind === 'call' && !isBinary) {
    return `The bytes of ${type === 'image' ? 'an image' : 'a sound'} are wanted, and "${source.step}" is read as ${step.format}. Declare outputRawFormat: binary for ${step.target}, or name a field that holds base64.`;
  }
  if (!isBinary && mimeType === undefined) {
    return `Nothing says of which media type this base64 is. Give the part a mimeType.`;
  }
  return undefined;
}

interface Texts {
  readonly compilation: Compilation;
  readonly names: ContentNames;
  /** Of the part. */
  readonly pointer: string;
}

function piecesOf(
  { compilation, names, pointer: part }: Texts,
  key: string,
  text: string,
): readonly TextPiece[] | undefined {
  const pointer = pointerOf(part, key);
  const { parts, why } = parseTemplate(text);
  if (parts === undefined) {
    compilation.report('TEMPLATE_INVALID', pointer, `This text cannot be read: ${why}.`);
    return undefined;
  }
  let failed = false;
  const pieces = parts.map((piece): TextPiece => {
    if ('text' in piece) return piece;
    const value = names.tag(piece.name, pointer);
    const problem = value === undefined ? unknown(piece.name, names) : bytesIn(piece.name, names);
    if (problem !== undefined) {
      failed = true;
      compilation.report(problem.code, pointer, problem.why, { suggestion: problem.suggestion });
    }
    return { read: value === undefined ? () => undefined : readerOf(value) };
  });
  return failed ? undefined : pieces;
}

const unknown = (name: string, { steps, inputs }: ContentNames) => ({
  code: 'REFERENCE_UNKNOWN' as const,
  why: `{{${name}}} names neither an input nor a step. Write {{input}}, or {{step.field}} for what a step gave.`,
  suggestion: nearest(name.split('.', 1)[0] as string, [
    ...steps.map((step) => step.name),
    ...inputs,
  ]),
});

function bytesIn(name: string, { steps }: ContentNames) {
  const step = steps.find((each) => each.name === name);
  if (step?.kind !== 'call' || step.format !== 'binary') return undefined;
  return {
    code: 'CONTENT_INVALID' as const,
    why: `"${name}" gives bytes (outputRawFormat: binary), which cannot stand in a text. Give them a part of their own.`,
    suggestion: undefined,
  };
}

/** A value that does not begin the URI is a piece of it, and is written as one. */
function uriOf(texts: Texts, uri: string): readonly TextPiece[] | undefined {
  const pieces = piecesOf(texts, 'uri', uri);
  if (pieces === undefined) return undefined;
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined && 'text' in first && !isUri(first.text)) {
    texts.compilation.report(
      'CONTENT_INVALID',
      pointerOf(texts.pointer, 'uri'),
      `"${uri}" is no URI: it begins with a scheme, as docs://guide does, and holds no spaces.`,
    );
    return undefined;
  }
  return pieces.map((piece, at) =>
    'text' in piece || at === 0
      ? piece
      : { read: (scope) => encodeURIComponent(textOf(piece.read(scope))) },
  );
}

const isUri = (text: string): boolean => /^[a-z][a-z0-9+.-]*:[^\s\p{Cc}]+$/iu.test(text);

const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
