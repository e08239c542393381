import type { Type, types } from 'avsc';
import type { Json } from '../plan/plan.ts';
import { shortFloat } from './float.ts';
import { createCount, DEEPEST, tooDeep, unreadable } from './unreadable.ts';

/** Bytes being read, from `at` on. */
export interface Cursor {
  readonly bytes: Buffer;
  readonly count: (values?: number) => void;
  at: number;
  depth: number;
}

export type ReadValue = (cursor: Cursor) => Json;

export const createCursor = (bytes: Buffer): Cursor => ({
  bytes,
  count: createCount('avro'),
  at: 0,
  depth: 0,
});

/**
 * Compiles a schema into a reader. The library's own reader believes the counts that a message
 * claims and fills the memory with what is not there; this one never reads past its end. 64-bit
 * integers beyond what JSON numbers hold exactly are digits in text; bytes are base64.
 */
export function compileValues(type: Type): ReadValue {
  const known = new Map<Type, ReadValue>();

  function compile(at: Type): ReadValue {
    const found = known.get(at);
    if (found !== undefined) return found;
    let made: ReadValue | undefined;
    // A record may hold itself.
    known.set(at, (cursor) => (made as ReadValue)(cursor));
    made = compileType(at, compile);
    known.set(at, made);
    return made;
  }

  return compile(type);
}

function compileType(type: Type, compile: (type: Type) => ReadValue): ReadValue {
  const scalar = SCALARS[type.typeName];
  if (scalar !== undefined) return scalar;
  switch (type.typeName) {
    case 'record': {
      const fields = (type as types.RecordType).fields.map(
        (field) => [field.name, compile(field.type)] as const,
      );
      return deeper((cursor) =>
        Object.fromEntries(fields.map(([name, read]) => [name, read(cursor)])),
      );
    }
    case 'array': {
      const read = compile((type as types.ArrayType).itemsType);
      return deeper(function readItems(cursor) {
        const items: Json[] = [];
        readBlocks(cursor, () => items.push(read(cursor)));
        return items;
      });
    }
    case 'map': {
      const read = compile((type as types.MapType).valuesType as Type);
      return deeper(function readEntries(cursor) {
        const entries: [string, Json][] = [];
        readBlocks(cursor, () => entries.push([readString(cursor), read(cursor)]));
        return Object.fromEntries(entries);
      });
    }
    case 'enum': {
      const { symbols } = type as types.EnumType;
      return (cursor) => choose(symbols, readSize(cursor));
    }
    case 'fixed': {
      const { size } = type as types.FixedType;
      return (cursor) => take(cursor, size).toString('base64');
    }
    default: {
      const branches = (type as types.WrappedUnionType).types.map(compile);
      return (cursor) => choose(branches, readSize(cursor))(cursor);
    }
  }
}

const SCALARS: Readonly<Record<string, ReadValue>> = {
  null: () => null,
  boolean: (cursor) => take(cursor, 1)[0] === 1,
  int: (cursor) => toNumber(readLong(cursor)),
  long: (cursor) => toNumber(readLong(cursor)),
  float: (cursor) => finite(shortFloat(take(cursor, 4).readFloatLE())),
  double: (cursor) => finite(take(cursor, 8).readDoubleLE()),
  bytes: (cursor) => take(cursor, readSize(cursor)).toString('base64'),
  string: readString,
};

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const toNumber = (value: number | bigint): number | string =>
  typeof value === 'number' ? value : String(value);

function deeper(read: ReadValue): ReadValue {
  return function readDeeper(cursor) {
    cursor.count();
    cursor.depth += 1;
    if (cursor.depth > DEEPEST) throw tooDeep('avro');
    const value = read(cursor);
    cursor.depth -= 1;
    return value;
  };
}

/** Arrays and maps come in blocks; a negative count has the size of its block behind it. */
export function readBlocks(cursor: Cursor, readItem: () => void): void {
  for (;;) {
    let items = Number(readLong(cursor));
    if (items === 0) return;
    if (items < 0) {
      items = -items;
      readLong(cursor);
    }
    cursor.count(items);
    for (let item = 0; item < items; item += 1) readItem();
  }
}

function choose<T>(choices: readonly T[], index: number): T {
  const choice = choices[index];
  if (choice === undefined) throw unreadable('avro', 'it does not fit its schema');
  return choice;
}

export function readString(cursor: Cursor): string {
  return take(cursor, readSize(cursor)).toString('utf8');
}

export function take(cursor: Cursor, size: number): Buffer {
  const end = cursor.at + size;
  if (end > cursor.bytes.length) throw unreadable('avro', 'it ends too early');
  const taken = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
}

export function readSize(cursor: Cursor): number {
  const size = readLong(cursor);
  if (typeof size === 'bigint' || size < 0) throw unreadable('avro', 'it does not fit its schema');
  return size;
}

/** A zigzag number of at most 64 bits; a bigint only where a number would lose digits. */
export function readLong(cursor: Cursor): number | bigint {
  let value = 0;
  let large = 0n;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = take(cursor, 1)[0] as number;
    if (shift < 28) value += (byte & 0x7f) << shift;
    else large += BigInt(byte & 0x7f) << BigInt(shift);
    if (byte >= 0x80) continue;
    if (shift < 28) return (value >>> 1) ^ -(value & 1);
    const whole = BigInt.asUintN(64, large + BigInt(value));
    const signed = (whole >> 1n) ^ -(whole & 1n);
    const small = Number(signed);
    return Number.isSafeInteger(small) ? small : signed;
  }
  throw unreadable('avro', 'it does not fit its schema');
}
