import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import avro from 'avsc';
import type { FormatOptions } from '../../src/format/format.ts';
import type { Json } from '../../src/plan/plan.ts';
import { failure, fixture, read, skip, why } from './support.ts';

const RECORDS = {
  type: 'record',
  name: 'List',
  fields: [
    {
      name: 'records',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Record',
          fields: [
            { name: 'id', type: 'string' },
            { name: 'note', type: ['null', 'string'], default: null },
          ],
        },
      },
    },
  ],
} as const;
const VALUE = {
  records: [
    { id: '1', note: null },
    { id: '2', note: 'x' },
  ],
};
const BYTES = avro.Type.forSchema(RECORDS as never).toBuffer(VALUE);
const CONTAINER: FormatOptions = { format: 'avro' };

const by = (schema: unknown): FormatOptions => ({
  format: 'avro',
  outputSchema: 'x.avsc',
  schemaText: JSON.stringify(schema),
});

/** A number as Avro writes it. */
function long(value: bigint | number): Buffer {
  const bytes: number[] = [];
  const signed = BigInt(value);
  let rest = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n));
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const sized = (data: string | Buffer): Buffer =>
  Buffer.concat([long(Buffer.byteLength(data)), Buffer.from(data as string)]);

function container(schema: string, blocks: readonly (readonly [number, Buffer])[], codec = 'null') {
  const marker = Buffer.alloc(16, 7);
  const written = blocks.flatMap(([items, data]) => [
    long(items),
    sized(codec === 'deflate' ? deflateRawSync(data) : data),
    marker,
  ]);
  const header = [sized('avro.schema'), sized(schema), sized('avro.codec'), sized(codec)];
  return Buffer.concat([Buffer.from('Obj\u0001'), long(2), ...header, long(0), marker, ...written]);
}

describe('an Avro message', () => {
  test('is read by the schema file', async () => {
    assert.deepEqual(await read(by(RECORDS), BYTES), VALUE);
    assert.deepEqual(await read(by(RECORDS), Buffer.concat([BYTES, BYTES])), [VALUE, VALUE]);
  });

  test('by the schema of the fixture', { skip }, async () => {
    const schemaText = fixture('schemas/test-records.avsc').toString();
    const value = { records: [{ id: '1', title: 'a', description: null }] };
    const bytes = avro.Type.forSchema(JSON.parse(schemaText)).toBuffer(value);
    assert.deepEqual(await read({ format: 'avro', outputSchema: 'x', schemaText }, bytes), value);
  });

  test('of every type becomes JSON', async () => {
    const schema = {
      type: 'record',
      name: 'All',
      fields: [
        { name: 'int', type: 'int' },
        { name: 'float', type: 'float' },
        { name: 'nan', type: 'float' },
        { name: 'double', type: 'double' },
        { name: 'bytes', type: 'bytes' },
        { name: 'fixed', type: { type: 'fixed', name: 'F', size: 2 } },
        { name: 'enum', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
        { name: 'map', type: { type: 'map', values: ['int', 'string'] } },
        { name: 'flag', type: 'boolean' },
        { name: 'self', type: ['null', 'All'] },
        { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' } },
      ],
    };
    const value = {
      int: -5,
      float: 0.1,
      nan: Number.NaN,
      double: 1e300,
      bytes: Buffer.from('hi'),
      fixed: Buffer.from('ab'),
      enum: 'B',
      map: Object.fromEntries([
        ['a', 1],
        ['__proto__', 'x'],
      ]),
      flag: true,
      self: null,
      time: 1_700_000_000_000,
    };
    const bytes = avro.Type.forSchema(schema as never).toBuffer({
      ...value,
      self: { ...value, map: {} },
    });
    const plain = {
      ...value,
      float: 0.1,
      nan: null,
      bytes: 'aGk=',
      fixed: 'YWI=',
    } as unknown as Json;
    assert.deepEqual(await read(by(schema), bytes), {
      ...(plain as object),
      self: { ...(plain as object), map: {} },
    });
  });

  test('keeps every digit of a long', async () => {
    for (const value of [0n, -1n, 63n, -64n, 64n, 2n ** 27n, -(2n ** 28n), 2n ** 53n - 1n]) {
      assert.equal(await read(by('long'), long(value)), Number(value));
    }
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      assert.equal(await read(by('long'), long(value)), String(value));
    }
  });

  test('that does not fit its schema is refused', async () => {
    for (const bytes of [
      BYTES.subarray(0, 4),
      Buffer.concat([BYTES, Buffer.from([5])]),
      Buffer.of(),
    ]) {
      assert.match(
        await failure(by(RECORDS), bytes),
        /^The answer cannot be read as avro: it ends too early\.$/,
      );
    }
    assert.match(await failure(by(['null', 'int']), long(7)), /it does not fit its schema/);
    assert.match(await failure(by('string'), long(-1)), /it does not fit its schema/);
    assert.match(await failure(by('long'), Buffer.alloc(12, 255)), /it does not fit its schema/);
    assert.match(await failure(by('null'), Buffer.of(1)), /it does not fit its schema/);
    assert.match(
      await failure(CONTAINER, BYTES),
      /no container file, and outputSchema names no schema/,
    );
  });

  test('cannot claim more than it holds', async () => {
    const listOf = (items: unknown) => by({ type: 'array', items });
    assert.match(await failure(listOf('string'), long(2n ** 40n)), /more than 2,000,000 values/);
    assert.match(await failure(listOf('null'), long(-(2n ** 50n))), /ends too early|values/);
    assert.match(await failure(listOf('null'), long(3_000_000)), /more than 2,000,000 values/);
    const list = { type: 'record', name: 'N', fields: [{ name: 'n', type: ['null', 'N'] }] };
    assert.match(await failure(by(list), Buffer.alloc(5000, 2)), /nested more than 200 levels/);
  });

  test('needs a schema that is one', async () => {
    const schemaText = '{"type": "nope"}';
    assert.match(
      await why({ format: 'avro', schemaText }),
      /^The Avro schema cannot be used: unknown type/,
    );
    assert.match(await why({ format: 'avro', schemaText: '{' }), /it is no valid JSON/);
  });
});

describe('an Avro container file', () => {
  const schema = JSON.stringify(RECORDS);

  test('brings its schema', async () => {
    assert.deepEqual(await read(CONTAINER, container(schema, [[1, BYTES]])), VALUE);
    assert.deepEqual(await read(CONTAINER, container(schema, [])), []);
    assert.deepEqual(await read(by('string'), container(schema, [[1, BYTES]])), VALUE);
  });

  test('of several blocks, deflated, is a list', async () => {
    const blocks = [
      [1, BYTES],
      [2, Buffer.concat([BYTES, BYTES])],
    ] as const;
    assert.deepEqual(await read(CONTAINER, container(schema, blocks, 'deflate')), [
      VALUE,
      VALUE,
      VALUE,
    ]);
  });

  test('that is damaged, or a bomb, is refused', async () => {
    const whole = container(schema, [[1, BYTES]]);
    assert.match(await failure(CONTAINER, whole.subarray(0, -1)), /it ends too early/);
    assert.match(await failure(CONTAINER, container(schema, [[2, BYTES]])), /it ends too early/);
    assert.match(await failure(CONTAINER, container(schema, [[0, BYTES]])), /damaged/);
    assert.match(await failure(CONTAINER, container(schema, [[1, BYTES]], 'snappy')), /its codec/);
    const zeros = container('"string"', [[1, Buffer.alloc(70_000_000)]], 'deflate');
    assert.match(await failure(CONTAINER, zeros), /cannot be inflated/);
    const nulls = container('"null"', [[2 ** 40, Buffer.of()]]);
    assert.match(await failure(CONTAINER, nulls), /more than 2,000,000 values/);
  });

  test('whose schema is hostile is refused', async () => {
    for (const hostile of [
      '',
      '{"type": "record", "name": "a b", "fields": []}',
      '{"type": "record", "name": "R", "fields": [{"name": "x;process.exit()", "type": "int"}]}',
      `${'{"type":"array","items":'.repeat(5000)}"int"${'}'.repeat(5000)}`,
    ]) {
      assert.match(
        await failure(CONTAINER, container(hostile, [])),
        /the schema in it cannot be used/,
      );
    }
  });
});
