import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import protobuf from 'protobufjs';
import type { FormatOptions } from '../../src/format/format.ts';
import { failure, fixture, read, skip, why } from './support.ts';

const PROTO = `
syntax = "proto3";
package app;
import "google/protobuf/timestamp.proto";
message All {
  int64 big = 1;
  optional string maybe = 2;
  repeated int32 list = 3;
  map<string, int32> map = 4;
  bytes bytes = 5;
  Kind kind = 6;
  google.protobuf.Timestamp at = 7;
  oneof choice { string text = 8; All self = 9; }
  double nan = 10;
  string snake_case = 11;
  map<int64, Inner> inner = 12;
  bool flag = 13;
  float float = 14;
  Kind unknown = 15;
}
message Inner { uint64 n = 1; }
enum Kind { ZERO = 0; ONE = 1; }
`;

const by = (schemaText: string, outputSchema = 'x.proto'): FormatOptions => ({
  format: 'protobuf',
  outputSchema,
  schemaText,
});

function encode(proto: string, type: string, value: object): Buffer {
  const root = new protobuf.Root();
  protobuf.parse(proto, root, { keepCase: true });
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')?.nested ?? {});
  return Buffer.from(root.lookupType(type).encode(value).finish());
}

describe('a protobuf message', () => {
  test('is the first of its file, or the one asked for', { skip }, async () => {
    const proto = fixture('schemas/test-records.proto').toString();
    const record = { id: '1', title: 'a', description: 'b' };
    const list = encode(proto, 'RecordsList', { records: [record] });
    assert.deepEqual(await read(by(proto), list), { records: [record] });
    const one = encode(proto, 'Record', record);
    for (const name of ['Record', 'test.records.Record']) {
      assert.deepEqual(await read(by(proto, `x.proto#${name}`), one), record);
    }
    assert.match(
      await failure(by(proto), Buffer.of(0x0a, 3, 0x0a, 1, 0x41)),
      /does not fit the message RecordsList/,
    );
  });

  test('of every type becomes JSON', async () => {
    const bytes = encode(PROTO, 'app.All', {
      big: '9007199254740993',
      map: { a: 1 },
      bytes: Buffer.from('hi'),
      kind: 1,
      at: { seconds: 5, nanos: 1 },
      text: '',
      nan: Number.NaN,
      inner: { '-5': { n: 7 } },
      float: 0.1,
      unknown: 9,
    });
    assert.deepEqual(await read(by(PROTO), bytes), {
      big: '9007199254740993',
      list: [],
      map: { a: 1 },
      bytes: 'aGk=',
      kind: 'ONE',
      at: { seconds: 5, nanos: 1 },
      text: '',
      nan: null,
      snake_case: '',
      inner: { '-5': { n: 7 } },
      flag: false,
      float: 0.1,
      unknown: 9,
    });
  });

  test('has the defaults of fields that were not sent, where the language has them', async () => {
    assert.deepEqual(await read(by(PROTO), ''), {
      big: 0,
      list: [],
      map: {},
      bytes: '',
      kind: 'ZERO',
      nan: 0,
      snake_case: '',
      inner: {},
      flag: false,
      float: 0,
      unknown: 'ZERO',
    });
    const two =
      'syntax = "proto2"; message A { optional int32 n = 1 [default = 5]; repeated int32 m = 2; }';
    assert.deepEqual(await read(by(two), ''), { m: [] });
  });

  test('that is no such message, or nested without end, is refused', async () => {
    assert.match(
      await failure(by(PROTO), Buffer.of(0x12, 9, 65)),
      /^The answer cannot be read as protobuf: it does not fit the message All\.$/,
    );
    let nested: Buffer = Buffer.of();
    for (let depth = 0; depth < 500; depth += 1) {
      const size = nested.length;
      const length = size < 128 ? [size] : [(size & 127) | 128, size >> 7];
      nested = Buffer.concat([Buffer.of((9 << 3) | 2, ...length), nested]);
    }
    assert.match(await failure(by(PROTO), nested), /nested too deeply/);
  });

  test('needs a .proto file that is whole', async () => {
    assert.match(
      await why({ format: 'protobuf' }),
      /can only be read by a \.proto file; name it under outputSchema/,
    );
    assert.match(await why(by('nope')), /^The \.proto file cannot be used: illegal token/);
    assert.match(await why(by('syntax = "proto3";')), /it declares no message\.$/);
    assert.match(await why(by(PROTO, 'x.proto#Nope')), /it declares no message "Nope"\.$/);
    assert.match(
      await why(by('syntax = "proto3"; message A { B b = 1; }')),
      /no such Type or Enum 'B'/,
    );
    assert.match(
      await why(by('import "other.proto"; message A {}')),
      /imports "other\.proto".*into one file/,
    );
  });
});
