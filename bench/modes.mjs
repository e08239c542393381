// How long each kind of row is warmed up and measured, in seconds, by the mode of a run. The headline
// rows are `long`. `memory`: calls of the memory row, and the most time it may take.
export const MODES = {
  full: {
    lead: 0.3,
    long: { warmUp: 20, rounds: 6, seconds: 2 },
    middle: { warmUp: 10, rounds: 5, seconds: 2 },
    short: { warmUp: 4, rounds: 3, seconds: 1.5 },
    memory: { first: 40_000, whole: 250_000, seconds: 90 },
    repeatsNoisy: true,
  },
  brief: {
    lead: 0.2,
    long: { warmUp: 7, rounds: 5, seconds: 1.2 },
    middle: { warmUp: 5, rounds: 4, seconds: 1.2 },
    short: { warmUp: 4, rounds: 3, seconds: 1.2 },
    memory: { first: 20_000, whole: 120_000, seconds: 24 },
    repeatsNoisy: false,
  },
  quick: {
    lead: 0.2,
    long: { warmUp: 2.2, rounds: 2, seconds: 0.8 },
    middle: { warmUp: 1.5, rounds: 2, seconds: 0.7 },
    short: { warmUp: 1.5, rounds: 2, seconds: 0.6 },
    memory: { first: 8_000, whole: 50_000, seconds: 15 },
    repeatsNoisy: false,
  },
  gate: {
    lead: 0.2,
    long: { warmUp: 2.5, rounds: 3, seconds: 0.8 },
    middle: { warmUp: 1.5, rounds: 3, seconds: 0.6 },
    short: { warmUp: 1.2, rounds: 3, seconds: 0.5 },
    memory: { first: 15_000, whole: 90_000, seconds: 21 },
    repeatsNoisy: false,
  },
};
