import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTally, holdFaces } from './hold.ts';
import { KINDS } from './kinds.ts';
import { facesOf, type Pair } from './pairs.ts';

const SEED = 20_260_501;

test('operations of every kind are the same on both faces', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const faces = await facesOf('kinds.yaml', KINDS, { everyOther: true });
  assert.deepEqual(faces.alone, []);
  const tally = createTally();
  await holdFaces(faces, { seed: SEED, runs: 25 }, tally);
  assert.deepEqual(tally.differences, []);
  assert.ok(tally.compared > 500, `only ${tally.compared} inputs were compared`);
  assert.ok(tally.refused < tally.compared / 2, `${tally.refused} of them were refused`);
});

test('faces that send or answer something else are told apart', async () => {
  const faces = await facesOf('kinds.yaml', KINDS, { everyOther: true });
  const pairOf = (name: string): Pair => {
    const pair = faces.pairs.find(({ tool }) => tool.definition.name === name);
    assert.ok(pair !== undefined, name);
    return pair;
  };
  for (const [one, other, why] of [
    ['read', 'shaped', /the values differ|MCP failed alone/],
    ['json', 'jsonText', /REST sent .*\/json".*\nMCP sent .*\/json-text"/],
    ['look', 'read', /REST sent .*"HEAD".*\nMCP sent .*"GET"/],
  ] as const) {
    const mixed: Pair = { ...pairOf(one), tool: pairOf(other).tool };
    const tally = createTally();
    await holdFaces({ ...faces, pairs: [mixed] }, { seed: SEED, runs: 50 }, tally);
    assert.match(tally.differences.join(), why, `${one} and ${other}`);
  }
});
