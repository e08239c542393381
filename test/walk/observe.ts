import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindingCode } from '../../src/document/finding.ts';
import { GatewayError } from '../../src/errors.ts';
import { loadCapabilities } from '../../src/gateway/load.ts';
import type { InputPlan, OperationPlan, Scope } from '../../src/plan/plan.ts';

/** What comes of a capability, as text that can be compared; undefined when its shape is refused. */
export async function observe(
  folder: string,
  document: unknown,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly text: string; readonly broken: boolean } | undefined> {
  const file = join(folder, 'observed.yaml');
  await writeFile(file, JSON.stringify(document));
  const options = { files: [file], environment, allowScripts: false };
  const { drafts, findings } = await loadCapabilities(options, { about: true });
  const [loaded] = drafts;
  if (loaded === undefined) {
    // Imports that name nothing are found before anything is compiled.
    const codes = findings.map(({ code }) => code).filter((code) => !OF_SHAPE.has(code));
    return codes.length === 0 ? undefined : { text: codes.join(), broken: true };
  }
  const { plan, draft, secrets, variables } = loaded.compiled;
  const observed = {
    draft: shown(draft, { scopes: [] }),
    about: wordsOf(loaded.about),
    secrets: [...secrets],
    variables,
    findings: findings
      .filter(({ code }) => !OF_SHAPE.has(code))
      .map(({ code, message }) => `${code} ${message}`)
      .sort(),
  };
  return { text: JSON.stringify(observed, null, 1), broken: plan === undefined };
}

/** What a file tells of itself has to be shown only where it does nothing else. */
const wordsOf = (about: unknown): unknown =>
  JSON.parse(JSON.stringify(about, (key, value: unknown) => (DOING.has(key) ? undefined : value)));

const DOING: ReadonlySet<string> = new Set(['location', 'keys', 'semantics', 'method', 'path']);

/** Findings that say nothing of what a property does: its shape alone is judged, or it is not served. */
const OF_SHAPE: ReadonlySet<FindingCode> = new Set([
  'NOT_A_CAPABILITY',
  'VERSION_UNKNOWN',
  'KEY_UNKNOWN',
  'KEY_MISSING',
  'VALUE_WRONG_TYPE',
  'VALUE_NOT_ALLOWED',
  'PORT_OUT_OF_RANGE',
  'NOTHING_EXPOSED',
  'NOT_SERVED_YET',
]);

interface Context {
  readonly scopes: readonly Scope[];
}

/** Data as it is; of each closure what it makes of samples. */
function shown(value: unknown, context: Context, key = ''): unknown {
  if (typeof value === 'function') return tried(value as Closure, key, context);
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (value instanceof Map || value instanceof Set)
    return [...value].map((each) => shown(each, context));
  if (Array.isArray(value)) return value.map((each) => shown(each, context));
  const inner = isOperation(value) ? { scopes: scopesOf(value) } : context;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, shown(member, inner, name)]),
  );
}

type Closure = (...given: readonly unknown[]) => unknown;

const isOperation = (value: object): value is OperationPlan =>
  'inputs' in value && 'answer' in value && 'steps' in value;

/** One call with every input, and one with those alone that have to be given. */
function scopesOf({ inputs, steps, chain = [] }: OperationPlan): readonly Scope[] {
  const names = [...steps, ...chain.map(({ step }) => step)].map(({ name }) => name);
  const answers = Object.fromEntries(names.map((name) => [name, ANSWER]));
  return [inputs, inputs.filter(({ required }) => required)].map((given) => ({
    input: Object.assign(
      Object.create(null),
      Object.fromEntries(given.map((input) => [input.name, sampleOf(input)])),
    ),
    steps: answers,
  }));
}

const ANSWER = {
  id: 'i-1',
  name: 'Ann',
  age: 41,
  active: true,
  tags: ['a', 'b'],
  place: { city: 'Brest', zip: '29200' },
  crew: [
    { id: 'i-1', name: 'Ann', role: 'cook' },
    { id: 'i-2', name: 'Bob', role: 'mate' },
  ],
};

const BYTES: readonly string[] = [
  JSON.stringify(ANSWER),
  '<list><item id="1">one</item><item id="2">two</item></list>',
  'a,b\n1,2\n',
  '<h2>Crew</h2><table id="t"><tr><th>A</th></tr><tr><td>1</td></tr></table><table><tr><th>B</th></tr><tr><td>2</td></tr></table>',
  '# Title\n\n## Crew\n\n| A |\n|---|\n| 1 |\n\n## Other\n\n| B |\n|---|\n| 2 |\n',
];

const VALUES: readonly unknown[] = ['7', 7, 'abc', 'A-1', true, ['1', 'x'], { a: '1' }];

function sampleOf({ type, name }: InputPlan): unknown {
  switch (type) {
    case 'integer':
    case 'number':
      return 7;
    case 'boolean':
      return true;
    case 'array':
      return ['a', 'b'];
    case 'object':
    case 'any':
      return { a: 1, name };
    default:
      return `given ${name}`;
  }
}

function tried(run: Closure, key: string, { scopes }: Context): unknown {
  switch (key) {
    case 'build':
    case 'project':
    case 'context':
    case 'find':
      return scopes.map((scope) => outcome(() => run(scope)));
    case 'augment':
      return scopes.map((scope) => outcome(() => run(ANSWER, scope)));
    case 'read':
      return BYTES.map((text) => outcome(() => run(Buffer.from(text), undefined)));
    case 'select':
      return outcome(() => run(ANSWER));
    case 'accept':
      return VALUES.map((value) => {
        const refused: unknown[] = [];
        return [outcome(() => run(value, (why: unknown) => refused.push(why))), refused];
      });
    default:
      return run.length === 0 ? outcome(() => run()) : 'a function';
  }
}

function outcome(run: () => unknown): unknown {
  try {
    return shown(run(), { scopes: [] });
  } catch (error) {
    return error instanceof GatewayError
      ? [error.code, error.details]
      : `fails: ${(error as Error).message}`;
  }
}
