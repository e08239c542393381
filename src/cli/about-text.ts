import pc from 'picocolors';
import type { About } from '../document/about.ts';
import { plain } from './plain.ts';

type Words = Readonly<Record<string, unknown>>;

/** What a file says to people about itself, its binds and its shared parts; nothing where it says nothing. */
export function aboutText(
  { info, binds, consumes, aggregates, rest }: About,
  color: boolean,
): string {
  const paint = pc.createColors(color);
  const rows: (readonly [string, string])[] = [
    ...row('description', text(info.description)),
    ...row('tags', list(info.tags).map(text).join(', ')),
    ...row('written', text(info.created)),
    ...row('changed', text(info.modified)),
    ...list(info.stakeholders).flatMap((person) => row('stakeholder', personText(person as Words))),
    ...binds.flatMap((bind) =>
      row(`bind ${text(bind.namespace)}`, joined(bind.location ?? 'env://', bind.description)),
    ),
    ...consumes.flatMap((block) => [
      ...row(`api ${text(block.namespace)}`, text(block.description)),
      ...resourceRows(block),
    ]),
    ...aggregates.flatMap(({ namespace, label, functions }) => [
      ...row(`aggregate ${text(namespace)}`, text(label)),
      ...list(functions).flatMap((each) =>
        row(`  ${text((each as Words).name)}`, text((each as Words).description)),
      ),
    ]),
    ...rest.flatMap((face) => resourceRows(face)),
  ];
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, words]) => plain(`    ${name.padEnd(width)}  ${words}`));
  return ['', paint.bold('  About'), ...lines].join('\n');
}

/** Resources and operations that have a label or a description. */
const resourceRows = ({ resources }: Words): (readonly [string, string])[] =>
  list(resources).flatMap((each) => {
    const { path, label, description, operations } = each as Words;
    return [
      ...row(text(path), joined(label, description)),
      ...list(operations).flatMap((operation) => {
        const { name, method, label: own, description: what } = operation as Words;
        return row(`  ${text(name ?? method ?? 'GET')}`, joined(own, what));
      }),
    ];
  });

const row = (name: string, words: string): (readonly [string, string])[] =>
  words === '' ? [] : [[name, words]];

const personText = ({ fullName, role, email }: Words): string =>
  joined(fullName, role, email === undefined ? undefined : `<${text(email)}>`);

const joined = (...words: readonly unknown[]): string => words.map(text).filter(Boolean).join(', ');

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const text = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value).replace(/\s+/g, ' ').trim();
