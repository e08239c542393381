import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, entryOf } from '../../src/cache/entry.ts';
import { createMemoryStore, type Found } from '../../src/cache/memory.ts';

const NOW = 1_000_000;
const minute = { age: 0, fresh: 60_000, spare: 0 };

function entry(body: Buffer = Buffer.from('{}')): Entry {
  return entryOf({ status: 200, headers: ['a', 'b'], body }, body, minute, NOW);
}

test('what is kept holds none of what was read together with it', () => {
  const slab = Buffer.alloc(64 * 1024, 'x');
  const { body } = entry(slab.subarray(100, 110));
  assert.equal(body.toString(), 'xxxxxxxxxx');
  assert.equal(body.buffer.byteLength, 10);
});

test('the longest unused goes first, by bytes and by number', () => {
  const place = 'http://h/a';
  const bytes = createMemoryStore({ maxBytes: 30_000, now: () => NOW });
  const find = (key: string) => (bytes.read(key, place) as Found).entry;
  for (const key of ['a', 'b', 'c']) void bytes.write(key, place, entry(Buffer.alloc(9_000)), 0);
  assert.ok(find('a'));
  void bytes.write('d', place, entry(Buffer.alloc(9_000)), 0);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => find(key) !== undefined),
    [true, false, true, true],
  );
  void bytes.write('huge', place, entry(Buffer.alloc(40_000)), 0);
  assert.equal(find('huge'), undefined);
  assert.ok(find('a'), 'what has no room drives nothing out');
  const few = createMemoryStore({ maxBytes: 1e9, maxEntries: 2, now: () => NOW });
  for (const key of ['a', 'b', 'c']) void few.write(key, place, entry(), 0);
  assert.equal((few.read('a', place) as Found).entry, undefined);
});

test('what was asked for before a change is not kept after it', () => {
  let time = NOW;
  const store = createMemoryStore({ maxBytes: 1e6, now: () => time });
  const item = 'http://h/ships/1';
  const { mark } = store.read('key', item) as Found;
  void store.change(item);
  void store.write('key', item, entry(), mark);
  const after = store.read('key', item) as Found;
  assert.equal(after.entry, undefined);
  void store.write('key', item, entry(), after.mark);
  const list = store.read('list', 'http://h/ships') as Found;
  void store.write('list', 'http://h/ships', entry(), list.mark);
  void store.change('http://h/ships/2');
  assert.ok((store.read('key', item) as Found).entry, 'a neighbour is as it was');
  assert.equal((store.read('list', 'http://h/ships') as Found).entry, undefined);
  time += 60_000;
  assert.equal((store.read('key', item) as Found).entry, undefined, 'its time is over');
});
