import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Source } from '../src/document/source.ts';
import { loadCapabilities, planOf } from '../src/gateway/load.ts';
import type { CapabilityPlan } from '../src/plan/plan.ts';
import { collectGarbage } from './support/memory.ts';

/** An example of a page: a capability file, a part of one, or a file that others name. */
interface Block {
  readonly title: string;
  readonly kind: string;
  readonly text: string;
  /** From a first line `# file: path`, in the comments of its kind. */
  readonly file: string | undefined;
}

const page = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

function blocksOf(name: string): Block[] {
  const text = page(name);
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), (match): Block => {
    const [, kind = '', content = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const file = /^(?:#|\/\/|<!--) file: (\S+)/.exec(content)?.[1];
    return {
      title: `${name}:${line}`,
      kind,
      text: file === undefined ? content : content.slice(content.indexOf('\n') + 1),
      file,
    };
  });
}

const language = blocksOf('docs/language.md');
const files = language.filter(({ file }) => file !== undefined);
const additions = blocksOf('docs/additions.md').filter(({ kind }) => kind === 'yaml');
const examples = [...language, ...blocksOf('README.md'), ...additions.slice(1)].filter(
  ({ kind, file }) => kind === 'yaml' && file === undefined,
);
const isWhole = ({ text }: Block): boolean => /^naftiko:/m.test(text);

type Part = { readonly [key: string]: unknown };
type Capability = Readonly<
  Record<'binds' | 'consumes' | 'exposes' | 'aggregates', readonly object[]>
>;

/** A part in its place: beside what the first example consumes and binds, in place of what it exposes. */
function documentOf(block: Block): Part {
  const part = parse(block.text) as Part & Partial<Capability>;
  if (isWhole(block)) return part;
  if (additions.includes(block)) return additionOf(part);
  const base = parse((language.find(isWhole) as Block).text) as Part & { capability: Capability };
  const { steps, consumes = [], ...rest } = part;
  const tool = { name: 'example', description: 'An example.', steps };
  const exposes = [{ type: 'mcp', namespace: 'example', port: 9090, tools: [tool] }];
  return {
    ...base,
    capability: {
      ...base.capability,
      ...(steps === undefined ? {} : { exposes }),
      ...rest,
      consumes: [...base.capability.consumes, ...consumes],
    },
  };
}

/** The first example of the page is what the others call. */
function additionOf({ consumes, ...expose }: Part): Part {
  const shared = parse((additions[0] as Block).text) as Part;
  return {
    naftiko: '1.0.0-alpha2',
    info: { label: 'Example', description: 'An example.' },
    capability: {
      consumes: consumes ?? shared.consumes,
      exposes: [{ type: 'mcp', namespace: 'example', port: 9090, ...expose }],
    },
  };
}

async function folderWith(t: TestContext, document: Part): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'naftiko-language-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const secrets = { file: 'secrets.json', text: '{"DOCKYARD_KEY": "a-key-of-the-dockyard"}' };
  for (const { file = '', text } of [...files, secrets]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const path = join(folder, 'example.yaml');
  await writeFile(path, JSON.stringify(document));
  return path;
}

/** A value for whatever a page names in capitals. */
const environment = Object.fromEntries(
  examples
    .flatMap(({ text }) => text.match(/\b[A-Z][A-Z_]{3,}\b/g) ?? [])
    .map((name) => [name, `value-of-${name.toLowerCase()}`]),
);

test('there are examples of every part of the language', () => {
  assert.ok(examples.length > 20, `${examples.length}`);
  const all = examples.map(({ text }) => text).join('\n');
  for (const key of ['binds', 'consumes', 'aggregates', 'exposes', 'forward', 'prompts', 'steps'])
    assert.match(all, new RegExp(`\\b${key}:`));
});

const plans: CapabilityPlan[] = [];
const read: { readonly title: string; readonly source: WeakRef<Source> }[] = [];

for (const block of examples) {
  test(`the example ${block.title} loads without a finding`, async (t) => {
    const file = await folderWith(t, documentOf(block));
    const { findings, drafts, sources } = await loadCapabilities({
      files: [file],
      baseUris: {},
      environment,
      allowScripts: true,
    });
    plans.push(...drafts.map(planOf));
    for (const source of sources) read.push({ title: block.title, source: new WeakRef(source) });
    // That scripts may run is honoured; what is told of it is another endpoint.
    const told = findings.filter(
      ({ severity, pointer }) => severity !== 'info' && !pointer.endsWith('/management/scripting'),
    );
    assert.deepEqual(
      told.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`),
      [],
    );
  });
}

test('no plan holds on to the file that it was made of', async () => {
  assert.ok(plans.length >= examples.length && read.length >= examples.length);
  await setImmediate();
  collectGarbage();
  const held = read.filter(({ source }) => source.deref() !== undefined);
  assert.deepEqual(
    held.map(({ title }) => title),
    [],
  );
  // Used after the collection, so that the plans were there.
  assert.ok(plans.every(({ faces }) => faces.length > 0));
});
