/** Every operation of the tutorial and of the published files on both faces; for `npm run faces`. */
import { createTally, holdFaces } from './hold.ts';
import { readFaces } from './published.ts';

const [seed = 20_260_501, runs = 6] = process.argv.slice(2).map(Number);
const tally = createTally();
const counts = { files: 0, routes: 0, tools: 0 };
let misses = 0;

/** @param times how often each operation is tried, in runs */
async function hold(folder: string, everyOther: boolean, times: number): Promise<void> {
  const { files, read } = readFaces(folder, { everyOther });
  if (files.length === 0) miss(`not here: ${folder}. Put the folder "shared" beside the clone.`);
  for (const file of files) {
    const faces = await read(file);
    if (faces === undefined) continue;
    const before = tally.differences.length;
    await holdFaces(faces, { seed, runs: runs * times }, tally);
    for (const difference of tally.differences.slice(before)) miss(`${file}\n${difference}`);
    for (const name of faces.alone) miss(`${file}\n${name} is on one face only`);
    counts.files += 1;
    counts.routes += faces.published.routes;
    counts.tools += faces.published.tools;
  }
}

function miss(what: string): void {
  misses += 1;
  console.log(`${what}\n`);
}

const started = performance.now();
await hold('reference/tutorial', true, 10);
await hold('corpus/capabilities', false, 1);
const seconds = ((performance.now() - started) / 1_000).toFixed(1);
console.log(
  `faces: ${counts.files} files, ${counts.routes} routes, ${counts.tools} tools, ${tally.pairs} pairs; ` +
    `${tally.compared} inputs compared (${tally.refused} refused by both), ` +
    `${tally.leftOut} that HTTP cannot say; ${misses} misses; seed ${seed}, ${seconds} s`,
);
process.exitCode = misses === 0 ? 0 : 1;
