// `--write`: the report of a run in docs/bench.md, and its head in the README, between its markers.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../scripts/setup.mjs';

const [OPEN, CLOSE] = ['<!-- bench -->', '<!-- /bench -->'];

/** @throws when the README has no place for it */
export function write(short, whole) {
  const readme = path.join(root, 'README.md');
  fs.writeFileSync(readme, between(fs.readFileSync(readme, 'utf8'), short));
  const text = `# What the gateway adds to a request\n\n${whole}\n`;
  fs.writeFileSync(path.join(root, 'docs', 'bench.md'), text);
}

export function between(text, inner) {
  const [from, to] = [text.indexOf(OPEN), text.indexOf(CLOSE)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${OPEN} … ${CLOSE}.`);
  return `${text.slice(0, from + OPEN.length)}\n${inner}\n${text.slice(to)}`;
}
