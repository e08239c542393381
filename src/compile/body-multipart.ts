import { randomBytes } from 'node:crypto';
import { pointerOf } from '../document/source.ts';
import { readerOf, toText, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import type { BuildBody } from './body-content.ts';
import type { Compilation } from './compilation.ts';
import { compileData } from './data.ts';
import type { Refuse } from './encode.ts';
import type { ParameterValues } from './parameter-values.ts';

interface Part {
  readonly name: Field;
  readonly value: Field;
  readonly filename: Field | undefined;
  readonly contentType: Field | undefined;
}

interface Field {
  /** How the caller knows it, for messages. */
  readonly input: string;
  readonly read: (scope: Scope) => unknown;
}

/** `multipart/form-data` from a list of parts. A part whose value is absent is left out; a list makes a part of each item. */
export function compileMultipart(
  compilation: Compilation,
  data: unknown,
  pointer: string,
  values: ParameterValues,
): BuildBody {
  const parts = (data as readonly Readonly<Record<string, unknown>>[]).map((part, index): Part => {
    const at = pointerOf(pointer, index);
    const field = (name: string): Field => {
      const place = pointerOf(at, name);
      const value = compileData(part[name], place, values.template);
      checkConstant(compilation, name, value, place);
      return fieldOf(value, String(part.name));
    };
    const optional = (name: string): Field | undefined =>
      part[name] === undefined ? undefined : field(name);
    return {
      name: field('name'),
      value: field('value'),
      filename: optional('filename'),
      contentType: optional('contentType'),
    };
  });
  return function buildMultipart(scope, _contentType, refuse) {
    // Nobody who gives a value can know it, so no value can hold it.
    const boundary = `----form-${randomBytes(18).toString('hex')}`;
    const chunks: Buffer[] = [];
    for (const part of parts) {
      const given = part.value.read(scope);
      const name = part.name.read(scope);
      if (given === undefined || name === undefined) continue;
      for (const item of Array.isArray(given) ? given : [given]) {
        const { head, isBinary } = headOf(part, toText(name), scope, refuse);
        const content = isBinary ? fromBase64(item) : bytesOf(item);
        chunks.push(Buffer.from(`--${boundary}\r\n${head}\r\n`, 'utf8'), content, LINE_END);
      }
    }
    chunks.push(Buffer.from(`--${boundary}--\r\n`));
    const type = `multipart/form-data; boundary=${boundary}`;
    return { bytes: Buffer.concat(chunks), type, boundary };
  };
}

const LINE_END = Buffer.from('\r\n');

function fieldOf(value: Value, name: string): Field {
  const input = 'read' in value ? value.input : undefined;
  return { input: input ?? name, read: readerOf(value) };
}

function checkConstant(
  compilation: Compilation,
  name: string,
  value: Value,
  pointer: string,
): void {
  if (name !== 'contentType' || !('constant' in value) || value.constant === undefined) return;
  if (MEDIA_TYPE.test(toText(value.constant))) return;
  const message = `"${toText(value.constant)}" is no media type. Write one such as image/png.`;
  compilation.report('VALUE_NOT_ALLOWED', pointer, message);
}

const MEDIA_TYPE =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\w-]+=(?:[\w!#$&^.+-]+|"[^"\\\p{Cc}]*"))*$/u;

function headOf(
  part: Part,
  name: string,
  scope: Scope,
  refuse: Refuse,
): { head: string; isBinary: boolean } {
  const filename = part.filename?.read(scope);
  const declared = part.contentType?.read(scope);
  let head = `content-disposition: form-data; name="${escaped(name)}"`;
  if (filename !== undefined) head += `; filename="${escaped(toText(filename))}"`;
  const type = declared === undefined ? undefined : toText(declared).trim();
  if (type !== undefined && !MEDIA_TYPE.test(type))
    refuse(part.contentType?.input ?? name, 'must be a media type such as image/png');
  const shown = type ?? (filename === undefined ? undefined : 'application/octet-stream');
  if (shown !== undefined) head += `\r\ncontent-type: ${shown}`;
  const isBinary = filename !== undefined && type !== undefined && !TEXTUAL.test(type);
  return { head: `${head}\r\n`, isBinary };
}

/** Media types whose content a file gives as it is; that of others may be base64. */
const TEXTUAL = /^text\/|[/+](?:json|xml|yaml|x-yaml|javascript|csv|x-ndjson|sql|graphql)\b/i;

/** As browsers write names and file names in a part's head. */
const escaped = (text: string): string =>
  text
    .replace(/\r\n|\r|\n/g, '%0D%0A')
    .replaceAll('"', '%22')
    .replaceAll('\0', '%00');

const bytesOf = (value: unknown): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(toText(value), 'utf8');

/** The bytes that base64 text stands for; any other text is its own bytes. */
function fromBase64(value: unknown): Buffer {
  const bytes = bytesOf(value);
  const text = bytes
    .toString('latin1')
    .replace(/^data:[^,]*;base64,/, '')
    .replace(/\s/g, '');
  if (text === '' || text.length % 4 !== 0) return bytes;
  const decoded = Buffer.from(text, 'base64');
  return decoded.toString('base64') === text ? decoded : bytes;
}
