import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCrowd } from '../src/crowd.ts';

const member = (name: string) => ({ name, place: -1 });

test('who leaves is gone, whoever else is there, and may leave twice', () => {
  const crowd = createCrowd<ReturnType<typeof member>>();
  const [a, b, c] = [member('a'), member('b'), member('c')];
  for (const each of [a, b, c]) crowd.add(each);
  crowd.remove(a);
  crowd.remove(a);
  const seen: string[] = [];
  crowd.visit(({ name }) => seen.push(name));
  assert.deepEqual(seen.sort(), ['b', 'c']);
  assert.equal(crowd.size, 2);
});

test('each has one turn, though all leave in theirs', () => {
  const crowd = createCrowd<ReturnType<typeof member>>();
  for (const name of 'abcd') crowd.add(member(name));
  const seen: string[] = [];
  crowd.visit((each) => {
    seen.push(each.name);
    crowd.remove(each);
  });
  assert.deepEqual(seen.sort(), ['a', 'b', 'c', 'd']);
  assert.equal(crowd.size, 0);
});
