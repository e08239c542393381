// The page of what each client was seen to do.
import process from 'node:process';
import { FEATURES, LACKING } from './expected.mjs';

const MEANINGS = [
  [
    'seeds',
    'published files over a mock of their APIs: tools listed, called, and seen to reach the API',
  ],
  ['list', 'the tools of a capability that has everything'],
  ['text', 'a text'],
  ['structured', '`structuredContent`, saying what the text says'],
  ['image', 'an image'],
  ['audio', 'a sound'],
  ['embedded', 'text, image and an embedded resource in one answer'],
  ['error', 'an API that fails'],
  ['progress', 'points of progress of a call'],
  ['elicitation', 'the user is asked, once and in two rounds'],
  ['sampling', "the client's model is asked"],
  ['roots', 'the roots are asked for'],
  ['resources', 'listed and read, text and binary'],
  ['templates', 'listed, filled in and read'],
  ['prompts', 'listed and got, with arguments and with an image'],
  ['completion', 'of the argument of a prompt'],
  [
    '1,158 tools',
    'a file of as many tools, names of up to 82 characters, parameters `$select` and `fields[]`: listed and called',
  ],
];

/** The Markdown of the whole page. */
export function matrix(rows) {
  const date = new Date().toISOString().slice(0, 10);
  const columns = FEATURES.map(({ name }) => name);
  const head = ['client', 'version', 'way', 'transport', 'revision', ...columns];
  const lines = rows.map((row) => [
    `\`${row.name}\``,
    row.version,
    row.way ?? '',
    row.transport,
    row.revision ?? 'not told',
    ...columns.map((name) => mark(row.cells[name])),
  ]);
  const failures = rows.flatMap((row) =>
    Object.entries(row.cells)
      .filter(([, cell]) => typeof cell === 'string')
      .map(
        ([name, why]) =>
          `- \`${row.name}\` ${row.version} ${row.way ?? ''} ${row.transport}, ${name}: ${why}`,
      ),
  );
  const notes = new Map(
    rows.flatMap(({ name, version, note, limits = {} }) => [
      ...(note ? [[`\`${name}\``, note]] : []),
      ...Object.values(limits).map((limit) => [`\`${name}\` ${version}`, limit]),
    ]),
  );
  return [
    '# Clients',
    '',
    'What real clients were seen to do with the gateway, written by `npm run clients -- --write`. Without',
    '`--write` the command writes nothing; in both cases it fails where a client fails at something it can do.',
    '',
    `Run on ${date}, Node ${process.versions.node}. ✓ works; – the client has no call for it; ✗ fails.`,
    '',
    table(head, lines),
    '',
    ...(failures.length > 0 ? ['Failures:', '', ...failures, ''] : []),
    ...Array.from(notes, ([name, note]) => `- ${name}: ${note}.`),
    '',
    '## What the columns say',
    '',
    table(['column', 'what is done'], MEANINGS),
    '',
  ].join('\n');
}

const table = (head, lines) =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const mark = (cell) => (cell === true ? '✓' : cell === LACKING ? '–' : '✗');
