import { inflateRawSync } from 'node:zlib';
import avro, { type Schema } from 'avsc';
import type { Json } from '../plan/plan.ts';
import {
  type Cursor,
  compileValues,
  createCursor,
  type ReadValue,
  readBlocks,
  readLong,
  readSize,
  readString,
  take,
} from './avro-values.ts';
import type { CompiledFormat } from './read-format.ts';
import { checkSize, unreadable } from './unreadable.ts';

const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const LARGEST_BLOCK = 64 * 1024 * 1024;
const LONGEST_SCHEMA = 256 * 1024;
const DEEPEST_SCHEMA = 50;

/**
 * Avro, in either of its forms: values one after the other, read by the schema file, or a container
 * file, which brings its own. One value is the tree itself; of several it is a list.
 */
export function compileAvro(schema: string | undefined): CompiledFormat {
  let readPlain: ReadValue | undefined;
  if (schema !== undefined) {
    try {
      readPlain = compileSchema(schema);
    } catch (error) {
      return { why: `The Avro schema cannot be used: ${(error as Error).message}.` };
    }
  }
  let embedded = { schema: '', read: readPlain };

  function readContainer(bytes: Buffer): Json[] {
    const { header, cursor } = readHeader(bytes);
    const text = header.get('avro.schema')?.toString('utf8') ?? '';
    if (embedded.read === undefined || embedded.schema !== text) {
      embedded = { schema: text, read: compileEmbedded(text) };
    }
    return readContainerBlocks(cursor, codecOf(header), embedded.read as ReadValue);
  }

  return {
    read: function readAvro(bytes) {
      checkSize('avro', bytes, 16);
      if (bytes.subarray(0, MAGIC.length).equals(MAGIC)) return alone(readContainer(bytes));
      if (readPlain !== undefined) return alone(readAll(createCursor(bytes), readPlain));
      throw unreadable(
        'avro',
        'it is no container file, and outputSchema names no schema to read it by',
      );
    },
  };
}

const alone = (values: readonly Json[]): Json =>
  values.length === 1 ? (values[0] as Json) : values;

function compileSchema(text: string): ReadValue {
  if (text.length > LONGEST_SCHEMA) throw new Error('it is too large');
  let schema: Schema;
  try {
    schema = JSON.parse(text) as Schema;
  } catch {
    throw new Error('it is no valid JSON');
  }
  if (isDeeper(schema)) throw new Error('it is nested too deeply');
  return compileValues(avro.Type.forSchema(schema));
}

function isDeeper(schema: unknown): boolean {
  let level = [schema];
  for (let depth = 0; depth < DEEPEST_SCHEMA; depth += 1) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return level.length > 0;
}

function compileEmbedded(text: string): ReadValue {
  try {
    return compileSchema(text);
  } catch {
    throw unreadable('avro', 'the schema in it cannot be used');
  }
}

function readAll(cursor: Cursor, read: ReadValue): Json[] {
  const values: Json[] = [];
  do {
    const before = cursor.at;
    values.push(read(cursor));
    cursor.count();
    if (cursor.at === before && cursor.at < cursor.bytes.length) {
      throw unreadable('avro', 'it does not fit its schema');
    }
  } while (cursor.at < cursor.bytes.length);
  return values;
}

function readHeader(bytes: Buffer) {
  const cursor = createCursor(bytes);
  cursor.at = MAGIC.length;
  const header = new Map<string, Buffer>();
  readBlocks(cursor, () => {
    const name = readString(cursor);
    header.set(name, take(cursor, readSize(cursor)));
  });
  return { header, cursor };
}

type Codec = (data: Buffer) => Buffer;

function codecOf(header: ReadonlyMap<string, Buffer>): Codec {
  const codec = header.get('avro.codec')?.toString('latin1') ?? 'null';
  if (codec === 'null') return (data) => data;
  if (codec !== 'deflate') {
    throw unreadable('avro', 'its codec is neither "null" nor "deflate"');
  }
  return function inflate(data) {
    try {
      return inflateRawSync(data, { maxOutputLength: LARGEST_BLOCK });
    } catch {
      throw unreadable('avro', 'a block cannot be inflated');
    }
  };
}

const MARKER_LENGTH = 16;

function readContainerBlocks(cursor: Cursor, codec: Codec, read: ReadValue): Json[] {
  const marker = take(cursor, MARKER_LENGTH);
  const values: Json[] = [];
  while (cursor.at < cursor.bytes.length) {
    const items = Number(readLong(cursor));
    const data = codec(take(cursor, readSize(cursor)));
    cursor.count(items);
    const block: Cursor = { ...cursor, bytes: data, at: 0 };
    for (let item = 0; item < items; item += 1) values.push(read(block));
    if (block.at !== data.length || !take(cursor, MARKER_LENGTH).equals(marker)) {
      throw unreadable('avro', 'a block of it is damaged');
    }
  }
  return values;
}
