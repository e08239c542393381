import fc from 'fast-check';
import { type Answer, answersOf } from './answers.ts';
import { compareFaces } from './compare.ts';
import { restFace } from './drive.ts';
import type { Faces, Pair } from './pairs.ts';
import { type Given, givenFor } from './values.ts';

export interface Tally {
  pairs: number;
  /** Inputs that both faces were given. */
  compared: number;
  /** Of those, the ones that both refused. */
  refused: number;
  leftOut: number;
  readonly differences: string[];
}

export const createTally = (): Tally => ({
  pairs: 0,
  compared: 0,
  refused: 0,
  leftOut: 0,
  differences: [],
});

export interface HoldOptions {
  readonly seed: number;
  /** Inputs tried of each operation. */
  readonly runs: number;
  readonly wanted?: (pair: Pair) => boolean;
}

/** Tries every wanted pair of a file; each that differs is told with the smallest inputs that show it. */
export async function holdFaces(
  faces: Faces,
  { seed, runs, wanted = () => true }: HoldOptions,
  tally: Tally,
): Promise<void> {
  const askRest = restFace(faces.routes);
  const answers = answersOf(faces.words);
  for (const pair of faces.pairs.filter(wanted)) {
    tally.pairs += 1;
    let compared = 0;
    const property = fc.asyncProperty(givenFor(pair), answers, async (given, answered) => {
      const verdict = await compareFaces(pair, askRest, given, answered);
      if (verdict.kind === 'left out') tally.leftOut += 1;
      else compared += 1;
      if (verdict.kind === 'same' && verdict.refused) tally.refused += 1;
      if (verdict.kind === 'different') throw new Error(verdict.what);
    });
    const outcome = await fc.check(property, { seed, numRuns: runs });
    tally.compared += compared;
    if (outcome.failed) tally.differences.push(told(pair, outcome));
    else if (compared === 0) tally.differences.push(`${pair.label}: no inputs could be compared`);
  }
}

function told(
  { label }: Pair,
  {
    counterexample,
    errorInstance,
    counterexamplePath,
    seed,
  }: fc.RunDetails<[Given, readonly Answer[]]>,
): string {
  const [given, answers] = counterexample ?? [];
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [
    `${label} (seed ${seed}, path ${counterexamplePath})`,
    `given ${JSON.stringify(given)}, answered ${JSON.stringify(answers)}`,
    why,
  ].join('\n');
}
