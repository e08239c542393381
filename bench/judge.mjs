// Figures of a run against the targets, and against the gates of CI.
import { better, betterAtBest, unsteadiness } from './figures.mjs';
import { TARGETS } from './targets.mjs';

/**
 * How each target stands that the rows of a run can tell.
 * @returns {{ what: string, target: string, seen: string, verdict: string }[]}
 */
export function judged(rows, cores, targets = TARGETS) {
  return targets.flatMap((target) => {
    const sign = target.most === undefined ? '≥' : '≤';
    const bar = target.most ?? target.least;
    const told = { what: target.what, target: `${sign} ${bar}` };
    if (target.seen) {
      const seen = target.seen(rows);
      if (seen === undefined || Number.isNaN(seen)) return [];
      return [{ ...told, seen: digits(seen), verdict: word(holds(target, seen, bar)) }];
    }
    const row = rows.find(({ name }) => name === target.row);
    const [first, second] = (target.by ? [target.by] : ['rps', 'cpu']).map((by) =>
      ratioOf(row, target, by),
    );
    if (first === undefined) return [];
    const isMet = holds(target, first.median, bar);
    const seen = second === undefined ? ranged(first) : `${ranged(first)}; CPU ${ranged(second)}`;
    if (cores < target.needsCores)
      return [{ ...told, seen, verdict: `needs ${target.needsCores} cores` }];
    if (isMet || second === undefined || !holds(target, second.median, bar)) {
      return [{ ...told, seen, verdict: word(isMet) }];
    }
    return [{ ...told, seen, verdict: 'met on CPU only' }];
  });
}

/** A side whose costliest round took so many times the cheapest was disturbed too much to be judged. */
const MOST_UNSTEADY = 1.5;

/**
 * How the gates stand that hang on a row: CPU per request where the target is of throughput.
 * @returns {{ what: string, text: string, passes: boolean, steady: boolean }[]} `steady`: the rounds
 *   agree well enough for a miss to mean something
 */
export function gated(row, targets = TARGETS) {
  return targets
    .filter((target) => target.gate !== undefined && rowsOf(target).includes(row.name))
    .map((target) => {
      if (row.missing?.includes(target.theirs)) return skipped(target);
      const value = target.seen ? target.seen([row]) : gateRatio(row, target);
      const passes = value !== undefined && holds(target, value, target.gate);
      const all = target.seen ? undefined : ratioOf(row, target, target.by ?? 'cpu');
      const seen = all === undefined ? digits(value) : `${digits(value)}, rounds ${ranged(all)}`;
      const bar = `${target.most === undefined ? '≥' : '≤'} ${target.gate}`;
      const steady = target.seen !== undefined || isSteady(row, target);
      return { what: target.what, text: `${target.what}: ${seen}; ${bar}`, passes, steady };
    });
}

/** The row without the contestants that no gate asks for; undefined when none asks for any. */
export function gateRow(row, targets = TARGETS) {
  const asked = targets.filter(
    (target) => target.gate !== undefined && rowsOf(target).includes(row.name),
  );
  if (asked.length === 0) return undefined;
  const names = new Set(asked.flatMap(({ ours = 'gateway', theirs }) => [ours, theirs]));
  return {
    ...row,
    contestants: row.contestants?.filter(({ name }) => names.has(name)),
  };
}

export function targetTable(lines) {
  return [
    '| | target | seen (lowest to highest round) | |',
    '|---|--:|---|---|',
    ...lines.map(({ what, target, seen, verdict }) => {
      return `| ${what} | ${target} | ${seen} | ${verdict} |`;
    }),
  ].join('\n');
}

/** Of the best rounds; where the system tells no processor time, throughput has to do. */
function gateRatio(row, { by = 'cpu', ours = 'gateway', theirs, most }) {
  const names = most === undefined ? [ours, theirs] : [theirs, ours];
  const best = betterAtBest(row, by, ...names);
  return Number.isNaN(best) && by === 'cpu' ? betterAtBest(row, 'rps', ...names) : best;
}

function isSteady(row, { by = 'cpu', ours = 'gateway', theirs }) {
  return [ours, theirs].every((name) => unsteadiness(row, by, name) <= MOST_UNSTEADY);
}

function skipped({ what, theirs }) {
  return { what, text: `${what}: skipped, ${theirs} is not installed`, passes: true, steady: true };
}

const rowsOf = ({ row, gateRows }) => gateRows ?? [row];

function ratioOf(row, { ours = 'gateway', theirs, most }, by) {
  if (row === undefined) return undefined;
  const ratio = most === undefined ? better(row, by, ours, theirs) : better(row, by, theirs, ours);
  return ratio === undefined || Number.isNaN(ratio.median) ? undefined : ratio;
}

function holds({ most }, value, bar) {
  return most === undefined ? value >= bar : value <= bar;
}

const word = (isMet) => (isMet ? 'met' : '**not met**');

const ranged = ({ median, low, high }) => `${digits(median)} (${digits(low)} to ${digits(high)})`;

function digits(value) {
  if (value === undefined) return 'nothing';
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(value < 1 ? 2 : 3);
}
