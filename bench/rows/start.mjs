// Start-up: one file beside an empty process and beside the usual imports, and many files.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/setup.mjs';
import { CAPABILITY } from '../contestants.mjs';
import { withFiles } from '../generated.mjs';
import { toAnswer, toEnd } from '../timed.mjs';

const SCHEMA = path.join(root, 'schemas', 'capability.schema.json');
const servers = path.join(import.meta.dirname, '..', 'servers');
const published = path.join(root, '..', 'shared', 'corpus', 'capabilities');

export const startRows = [
  {
    name: 'start',
    title: 'Start',
    quick: true,
    run: inTurns({ full: 9, quick: 2, gate: 3 }, async ({ upstream }) => {
      const base = ['--base-uri', `bench=${upstream.origin}`];
      const { ready, answered, mb } = await toAnswer([CAPABILITY, ...base], '/2kb/42');
      return {
        'gateway, ready': { ms: ready, mb },
        'gateway, first answer': { ms: answered, mb },
        'node -e 0': { ms: await toEnd(['-e', '0']) },
        'usual imports': { ms: await toEnd([path.join(servers, 'imports.mjs')]) },
      };
    }),
  },
  {
    name: 'start-load',
    title: 'Reading and checking 1,000 files',
    run: inTurns({ full: 5, quick: 1, gate: 1 }, async ({ folder }) => {
      const files = withFiles(folder, 1_000);
      const ours = await toEnd([path.join(servers, 'load-ours.mjs'), files]);
      const theirs = await toEnd([path.join(servers, 'load-yaml.mjs'), files, SCHEMA]);
      // Which also links and compiles all that the files expose.
      const whole = await toEnd([path.join(root, 'dist', 'cli', 'main.js'), 'validate', files]);
      return {
        'naftiko, loadFiles': { ms: ours },
        'yaml and Ajv': { ms: theirs },
        'naftiko validate': { ms: whole },
      };
    }),
  },
  {
    name: 'start-corpus',
    title: 'Start with every published file, to the first answer',
    run: inTurns({ full: 3, quick: 1, gate: 1 }, async ({ folder, upstream }) => {
      const whole = corpus(folder);
      const half = halfOf(whole, folder);
      const more = ['--prefix', '--mock', '--base-uri', `bench=${upstream.origin}`];
      const timed = async (files) => {
        const { answered, mb } = await toAnswer([files, CAPABILITY, ...more], '/bench-rest/2kb/42');
        return { ms: answered, mb };
      };
      return { 'whole corpus': await timed(whole), 'half of it': await timed(half) };
    }),
  },
];

/** The published files where they lie beside the clone, else as many generated ones. */
export function corpus(folder) {
  return fs.existsSync(published) ? published : withFiles(folder, 536);
}

/** Links to every other file. */
function halfOf(whole, folder) {
  const half = path.join(folder, 'half');
  if (fs.existsSync(half)) return half;
  const files = fs
    .readdirSync(whole, { recursive: true })
    .filter((name) => name.endsWith('.yaml'))
    .toSorted();
  for (const [index, name] of files.entries()) {
    if (index % 2 === 1) continue;
    const to = path.join(half, name);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(path.join(whole, name), to);
  }
  return half;
}

/** Runs all contestants one after the other, so many times by mode. */
function inTurns(counts, takeTurn) {
  return async (bench, { name, title }) => {
    const rounds = {};
    for (let turn = 0; turn < (counts[bench.mode] ?? counts.quick + 1); turn += 1) {
      for (const [contestant, round] of Object.entries(await takeTurn(bench))) {
        bench.progress(`${name}: ${contestant} ${Math.round(round.ms)} ms`);
        rounds[contestant] ??= [];
        rounds[contestant].push(round);
      }
    }
    const contestants = Object.entries(rounds).map(([each, all]) => ({ name: each, rounds: all }));
    return { name, title, contestants };
  };
}
