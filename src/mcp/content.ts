import { GatewayError } from '../errors.ts';
import type {
  ContentAnnotations,
  ContentPlan,
  ContentSource,
  Gathered,
  TextPiece,
} from '../plan/content.ts';
import type { Json } from '../plan/plan.ts';
import { DEEPEST, isDeeperThan } from '../runtime/depth.ts';
import { decodeText, isTextType, readMediaType } from './media.ts';
import { registeredType, saysNothing, sniffedType, typeOfBytes } from './media-type.ts';
import { byteContent, type Content } from './resource-content.ts';

/** A part of a tool's result, or what a message of a prompt holds. */
export type ContentPart = { readonly annotations?: ContentAnnotations } & (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string }
  | { readonly type: 'resource'; readonly resource: Content & { readonly uri: string } }
  | {
      readonly type: 'resource_link';
      readonly uri: string;
      readonly name: string;
      readonly title?: string;
      readonly description?: string;
      readonly mimeType?: string;
    }
);

/** Characters that the parts of one answer may have together. */
const LONGEST = 16 * 1024 * 1024;

/**
 * The parts of one answer, in file order; those whose source gave nothing are left out.
 * @throws GatewayError UPSTREAM_UNUSABLE when a step gave what a part cannot be made of
 */
export function renderParts(
  plans: readonly ContentPlan[],
  gathered: Gathered,
): readonly ContentPart[] {
  const write = writer();
  return plans.flatMap((plan) => {
    const part = renderPart(plan, gathered, write);
    if (part === undefined) return [];
    const { annotations } = plan;
    return [annotations === undefined ? part : { ...part, annotations }];
  });
}

type Write = (pieces: readonly TextPiece[], gathered: Gathered) => string;

function writer(): Write {
  let length = 0;
  return function write(pieces, { scope }) {
    const texts: string[] = [];
    for (const piece of pieces) {
      const text = 'text' in piece ? piece.text : textOf(piece.read(scope) as Json | undefined);
      length += text.length;
      if (length > LONGEST) {
        throw new GatewayError(
          'UPSTREAM_TOO_LARGE',
          `The parts of the answer have more than ${LONGEST} characters together.`,
        );
      }
      texts.push(text);
    }
    return texts.join('');
  };
}

function renderPart(plan: ContentPlan, gathered: Gathered, write: Write): ContentPart | undefined {
  switch (plan.type) {
    case 'text': {
      const text = sourceText(plan.source, gathered, write);
      return text === undefined ? undefined : { type: 'text', text };
    }
    case 'image':
    case 'audio':
      return mediaPart(plan.type, plan, gathered);
    case 'resource': {
      const content = sourceContent(plan, gathered, write);
      if (content === undefined) return undefined;
      return { type: 'resource', resource: { uri: uriOf(plan.uri, gathered, write), ...content } };
    }
    case 'resource_link': {
      const { title, description, mimeType } = plan;
      return {
        type: 'resource_link',
        uri: uriOf(plan.uri, gathered, write),
        name: write(plan.name, gathered),
        ...(title === undefined ? {} : { title: write(title, gathered) }),
        ...(description === undefined ? {} : { description: write(description, gathered) }),
        ...(mimeType === undefined ? {} : { mimeType }),
      };
    }
  }
}

const URI = /^[a-z][a-z0-9+.-]*:[^\s\p{Cc}]+$/iu;

function uriOf(pieces: readonly TextPiece[], gathered: Gathered, write: Write): string {
  const uri = write(pieces, gathered);
  if (URI.test(uri)) return uri;
  throw new GatewayError(
    'INPUT_INVALID',
    `${JSON.stringify(uri.slice(0, 200))} is no URI, so no resource can be given there.`,
  );
}

function valueFrom(
  source: Exclude<ContentSource, { kind: 'text' }>,
  { scope }: Gathered,
): Json | undefined {
  const value = source.kind === 'value' ? source.read(scope) : scope.steps[source.step];
  return value ?? undefined;
}

function sourceText(source: ContentSource, gathered: Gathered, write: Write): string | undefined {
  if (source.kind === 'text') return write(source.pieces, gathered);
  const value = valueFrom(source, gathered);
  return value === undefined ? undefined : write([{ read: () => value }], gathered);
}

function mediaPart(
  type: 'image' | 'audio',
  { source, mimeType }: Extract<ContentPlan, { type: 'text' | 'image' | 'audio' }>,
  gathered: Gathered,
): ContentPart | undefined {
  if (source.kind === 'text') throw new TypeError('A text is no image and no sound.');
  const held = source.kind === 'step' ? gathered.held[source.step] : undefined;
  const data = held === undefined ? base64Of(source.step, valueFrom(source, gathered)) : undefined;
  if (held === undefined && data === undefined) return undefined;
  const bytes = held?.bytes ?? Buffer.from(data as string, 'base64');
  const said = mimeType ?? typeOfBytes(bytes, readMediaType(held?.mediaType).essence);
  const known = registeredType(said);
  if (known.startsWith(`${type}/`)) {
    return { type, data: data ?? bytes.toString('base64'), mimeType: known };
  }
  const what = type === 'image' ? 'no image' : 'no sound';
  throw unusable(source.step, `gave ${known}, which is ${what}`);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Base64 as it was given, of either alphabet and with or without what fills it up. */
function base64Of(step: string, value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value : '';
  const bare = text
    .replace(/^data:[^,]*;base64,/, '')
    .replace(/\s/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/=+$/, '');
  const filled = bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
  if (bare !== '' && BASE64.test(filled)) return filled;
  throw unusable(step, 'gave no base64 where the bytes of a part are wanted');
}

function sourceContent(
  { source, mimeType }: Extract<ContentPlan, { type: 'resource' }>,
  gathered: Gathered,
  write: Write,
): Content | undefined {
  if (source.kind === 'text') {
    return { mimeType: mimeType ?? 'text/plain', text: write(source.pieces, gathered) };
  }
  const held = source.kind === 'step' ? gathered.held[source.step] : undefined;
  if (held !== undefined) return heldContent(held.bytes, mimeType, held.mediaType);
  const value = valueFrom(source, gathered);
  if (value === undefined) return undefined;
  if (isDeeperThan(DEEPEST, value)) {
    throw unusable(source.step, `gave a value nested deeper than ${DEEPEST} levels`);
  }
  const text = write([{ read: () => value }], gathered);
  const isText = typeof value === 'string';
  return { mimeType: mimeType ?? (isText ? 'text/plain' : 'application/json'), text };
}

function heldContent(
  bytes: Buffer,
  declared: string | undefined,
  mediaType: string | undefined,
): Content {
  const { essence, charset } = readMediaType(mediaType);
  if (declared !== undefined) {
    if (!isTextType(declared)) return byteContent(bytes, declared);
    return charset === undefined
      ? byteContent(bytes, declared)
      : { mimeType: declared, text: decodeText(bytes, charset) };
  }
  if (saysNothing(essence)) return byteContent(bytes, sniffedType(bytes));
  const content = byteContent(bytes, mediaType);
  return { ...content, mimeType: registeredType(content.mimeType) };
}

/** A value in a text: texts as they are, nothing for nothing, all else as compact JSON. */
function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (isDeeperThan(DEEPEST, value)) {
    throw new GatewayError(
      'UPSTREAM_UNUSABLE',
      `A value for a text is nested deeper than ${DEEPEST} levels.`,
    );
  }
  return JSON.stringify(value);
}

const unusable = (step: string, why: string): GatewayError =>
  new GatewayError('UPSTREAM_UNUSABLE', `The step "${step}" ${why}.`, { step });
