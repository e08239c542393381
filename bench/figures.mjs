// Medians and ratios. Ratios are taken round by round, since what else a machine does hits
// neighbouring rounds alike; what is kept of them is the median and the extremes.

export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** The fastest round over the slowest. */
export function spread(numbers) {
  return Math.max(...numbers) / Math.min(...numbers);
}

/** How each measure says that `ours` is better than `theirs`: above 1 it is. */
const BETTER = {
  rps: (ours, theirs) => ours.rps / theirs.rps,
  cpu: (ours, theirs) => theirs.cpu / ours.cpu,
  p50: (ours, theirs) => theirs.p50 / ours.p50,
  p99: (ours, theirs) => theirs.p99 / ours.p99,
  ms: (ours, theirs) => theirs.ms / ours.ms,
  mb: (ours, theirs) => theirs.mb / ours.mb,
};

/**
 * How many times better one contestant of a row is than another, by a measure.
 * @returns {{ median: number, low: number, high: number } | undefined} undefined where one is missing
 */
export function better({ contestants }, measure, ours, theirs) {
  const [one, other] = [ours, theirs].map((name) => contestants.find((each) => each.name === name));
  if (one === undefined || other === undefined) return undefined;
  const count = Math.min(one.rounds.length, other.rounds.length);
  const ratios = Array.from({ length: count }, (_, index) =>
    BETTER[measure](one.rounds[index], other.rounds[index]),
  );
  return { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/**
 * The same for the least disturbed round of each: what else the machine does only adds to processor
 * time and to a median latency, so in a short run the least of them tells most.
 */
export function betterAtBest({ contestants }, measure, ours, theirs) {
  const [one, other] = [ours, theirs].map((name) =>
    contestants
      .find((each) => each.name === name)
      ?.rounds.reduce((best, round) => (BETTER[measure](round, best) > 1 ? round : best)),
  );
  return one && other && BETTER[measure](one, other);
}

/** How many times the least of a measure's rounds its most is; 1 where there is nothing to compare. */
export function unsteadiness({ contestants }, measure, name) {
  const values = contestants.find((each) => each.name === name)?.rounds.map((one) => one[measure]);
  const ratio = values && spread(values);
  return ratio === undefined || Number.isNaN(ratio) ? 1 : ratio;
}

/** The median of a measure of one contestant; undefined where it is missing. */
export function of({ contestants }, measure, name) {
  const found = contestants.find((each) => each.name === name);
  return found && median(found.rounds.map((round) => round[measure]));
}
