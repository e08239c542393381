// `npm run sizing [-- FILE] [--write]`: what one process carries, from the figures that `npm run bench`
// leaves: by its CPU for each request, since that is what a process runs out of. With --write the table
// of docs/operating.md is replaced.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Of a core: what is left over is for bursts, and for collecting garbage. */
const BUSY = 0.65;
const [BEGIN, END] = ['<!-- sizing -->', '<!-- /sizing -->'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
});
const [file = path.join(root, '.cache', 'bench.json')] = positionals;
if (!fs.existsSync(file)) {
  console.error(`There is no ${file}. Make it with: npm run bench`);
  process.exit(2);
}
const { about, rows } = JSON.parse(fs.readFileSync(file, 'utf8'));
const text = table();
console.log(text);
if (values.write) write(text);

function table() {
  const timesOf = new Map();
  // What other settings would do is another page's.
  const usual = rows.filter(({ name }) => !name.startsWith('pools'));
  for (const { title } of usual) timesOf.set(title, (timesOf.get(title) ?? 0) + 1);
  const lines = usual.flatMap(({ title, contestants }) =>
    contestants
      .filter(({ name, rounds }) => /^gateway/.test(name) && rounds.every(({ cpu }) => cpu > 0))
      .map(({ name, connections, rounds }) => {
        const cpu = rounds.map((round) => round.cpu).toSorted((one, other) => one - other);
        const middle = cpu[Math.floor((cpu.length - 1) / 2)];
        const own = name.replace(/^gateway(, )?/, '');
        const load =
          timesOf.get(title) > 1
            ? [`${connections} connection${connections === 1 ? '' : 's'}`]
            : [];
        const more = [...(/^[\d,]*$/.test(own) ? [] : [own]), ...load].join(', ');
        return [
          more === '' ? title : `${title} (${more})`,
          shown(middle),
          shown(carried(middle)),
          shown(carried(cpu.at(-1))),
        ];
      }),
  );
  const head = ['', 'CPU µs', 'requests/s of a process', 'in the worst round'];
  const marks = ['---', '--:', '--:', '--:'];
  const made = [about.date, about.machine ?? about.cpu, about.node && `Node ${about.node}`];
  return [
    `From the bench${made.filter(Boolean).length > 0 ? ` (${made.filter(Boolean).join(', ')})` : ''}, at ${BUSY * 100}% of one core:`,
    '',
    ...[head, marks, ...lines].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

function carried(cpu) {
  return (BUSY * 1e6) / cpu;
}

/** Two digits that mean something are more than the machines differ by. */
function shown(number) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(number)) - 1);
  return String(Math.round(number / unit) * unit).replace(/\B(?=(\d{3})+$)/g, ',');
}

function write(made) {
  const page = path.join(root, 'docs', 'operating.md');
  const before = fs.readFileSync(page, 'utf8');
  const [head, rest = ''] = before.split(BEGIN);
  const [, tail = ''] = rest.split(END);
  fs.writeFileSync(page, `${head}${BEGIN}\n${made}\n${END}${tail}`);
}
