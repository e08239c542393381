import { answerPairs } from './answers.ts';
import { bodyPairs } from './bodies.ts';
import { callerPairs } from './callers.ts';
import { credentialPairs } from './credentials.ts';
import type { Pair } from './pair.ts';
import { placePairs } from './places.ts';
import { seedPairs } from './seeds.ts';
import { stepPairs } from './steps.ts';

/** All that was observed of the reference, in its order. */
export const PAIRS: readonly Pair[] = [
  ...seedPairs,
  ...credentialPairs,
  ...placePairs,
  ...bodyPairs,
  ...answerPairs,
  ...stepPairs,
  ...callerPairs,
].sort((one, other) => one.number - other.number);
