import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTally, holdFaces } from './hold.ts';
import { readFaces } from './published.ts';

const SEED = 20_260_501;
/** Of the published files the suite tries one in so many; `npm run faces` tries all of them. */
const ONE_IN = 40;

for (const [what, folder, everyOther, oneIn, runs, least] of [
  ['the tutorial', 'reference/tutorial', true, 1, 6, 90],
  ['published files', 'corpus/capabilities', false, ONE_IN, 5, 60],
] as const) {
  const { files, read } = readFaces(folder, { everyOther });
  const skip = files.length > 0 ? false : `${folder} is not here`;
  test(`operations of ${what} are the same on both faces`, { skip }, async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const tally = createTally();
    for (const file of files.filter((_, index) => index % oneIn === 0)) {
      const faces = await read(file);
      assert.deepEqual(faces?.alone ?? [], []);
      if (faces !== undefined) await holdFaces(faces, { seed: SEED, runs }, tally);
    }
    assert.deepEqual(tally.differences, []);
    assert.ok(tally.pairs >= least, `only ${tally.pairs} operations were tried`);
    assert.ok(tally.compared > tally.pairs * 3, `only ${tally.compared} inputs were compared`);
  });
}
