import { randomUUID } from 'node:crypto';
import { nearest } from '../document/suggest.ts';
import { inputInvalid } from '../errors.ts';
import { type Call, parseCall } from '../expression/call.ts';
import { NO_SCOPE, readerOf, toText, type Value } from '../expression/template.ts';
import { isRecord } from '../json.ts';
import type { Compilation } from './compilation.ts';
import { percentEncode } from './encode.ts';

/** Stops with a sentence about one argument. */
type Fail = (argument: number, why: string) => never;

interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  /** Gives another value each time, whatever its arguments. */
  readonly changes?: true;
  /** What it makes of a secret is one. */
  readonly hides?: true;
  /** Texts that the first argument may be, where it has to be written in the file. */
  readonly choices?: readonly string[];
  readonly apply: (args: readonly unknown[], fail: Fail) => unknown;
}

/** All there are: what a template computes is decided here, never by a file. */
const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  base64: {
    least: 1,
    most: 20,
    hides: true,
    apply: (args) => Buffer.concat(args.map(bytesOf)).toString('base64'),
  },
  basic: {
    least: 2,
    most: 2,
    hides: true,
    apply([user, password], fail) {
      const name = toText(user);
      if (name.includes(':')) fail(0, 'must not hold a colon, which ends a user name');
      return Buffer.from(`${name}:${toText(password)}`, 'utf8').toString('base64');
    },
  },
  urlencode: {
    least: 1,
    most: 1,
    hides: true,
    apply: ([value], fail) =>
      percentEncode(toText(value)) ??
      fail(0, 'holds a broken character (half of a surrogate pair)'),
  },
  json: {
    least: 1,
    most: 1,
    hides: true,
    apply: ([value]) => (Buffer.isBuffer(value) ? toText(value) : JSON.stringify(value)),
  },
  set: {
    least: 3,
    most: 3,
    apply([value, name, given], fail) {
      const tree = Buffer.isBuffer(value) ? (JSON.parse(toText(value)) as unknown) : value;
      const withField = (each: unknown): object =>
        isRecord(each)
          ? { ...each, [toText(name)]: given }
          : fail(0, 'must be an object, or a list of objects');
      return Array.isArray(tree) ? tree.map(withField) : withField(tree);
    },
  },
  now: {
    least: 0,
    most: 1,
    changes: true,
    choices: ['iso', 'date', 'seconds', 'milliseconds'],
    apply: ([unit = 'iso']) => timeIn(String(unit), new Date()),
  },
  uuid: { least: 0, most: 0, changes: true, apply: () => randomUUID() },
};

const bytesOf = (value: unknown): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(toText(value), 'utf8');

function timeIn(unit: string, now: Date): string | number {
  if (unit === 'seconds') return Math.floor(now.getTime() / 1000);
  if (unit === 'milliseconds') return now.getTime();
  return unit === 'date' ? now.toISOString().slice(0, 'yyyy-mm-dd'.length) : now.toISOString();
}

export interface CallContext {
  /** The value of a name among the arguments; undefined was reported. */
  readonly resolve: (name: string) => Value | undefined;
  /** Where the value has to be the same for every request. */
  readonly fixed: boolean;
}

/** `{{base64(USER, ":", PASSWORD)}}`: a constant where its arguments are. undefined was reported. */
export function compileCallTag(
  compilation: Compilation,
  tag: string,
  pointer: string,
  context: CallContext,
): Value | undefined {
  const { call, why } = parseCall(tag);
  if (call === undefined) return refuse(compilation, pointer, `This text cannot be read: ${why}.`);
  return compileFunction(compilation, call, pointer, context);
}

function compileFunction(
  compilation: Compilation,
  call: Call,
  pointer: string,
  context: CallContext,
): Value | undefined {
  const { name } = call;
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) {
    const names = Object.keys(FUNCTIONS);
    const message = `There is no function "${name}". A template knows ${names.join(', ')}.`;
    return refuse(compilation, pointer, message, nearest(name, names));
  }
  const why = misuse(call, known, context.fixed);
  if (why !== undefined) return refuse(compilation, pointer, why);
  const values = call.args.map((arg): Value | undefined =>
    'literal' in arg
      ? { constant: arg.literal }
      : 'name' in arg
        ? context.resolve(arg.name)
        : compileFunction(compilation, arg.call, pointer, context),
  );
  if (values.some((value) => value === undefined)) return undefined;
  const readers = (values as Value[]).map(readerOf);
  const fail: Fail = (at, message) => {
    const value = values[at] as Value;
    const arg = call.args[at];
    const input = ('read' in value ? value.input : undefined) ?? nameOf(arg);
    throw inputInvalid([{ input, message }]);
  };
  const read: Extract<Value, { read: unknown }>['read'] = (scope) => {
    const args = readers.map((each) => each(scope));
    return args.includes(undefined) ? undefined : known.apply(args, fail);
  };
  const isConstant = (values as Value[]).every((value) => 'constant' in value);
  if (known.changes === true || !isConstant) return { read };
  try {
    const constant = read(NO_SCOPE);
    const hidesName = call.args.some((arg) => !('literal' in arg));
    if (known.hides === true && hidesName) compilation.secrets.add(String(constant));
    return { constant };
  } catch (thrown) {
    return refuse(compilation, pointer, `${name}: ${(thrown as Error).message}`);
  }
}

/** Why a call cannot be made; undefined when it can. */
function misuse({ name, args }: Call, known: TemplateFunction, fixed: boolean): string | undefined {
  const { least, most, choices, changes } = known;
  if (args.length < least || args.length > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    return `${name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, and has ${args.length} here.`;
  }
  const [first] = args;
  if (choices !== undefined && first !== undefined) {
    const literal = 'literal' in first ? String(first.literal) : undefined;
    if (literal === undefined || !choices.includes(literal))
      return `${name} takes one of ${choices.map((each) => `"${each}"`).join(', ')}.`;
  }
  if (fixed && changes === true)
    return `${name} gives another value each time, and this one is made once, when the file is loaded.`;
  return undefined;
}

const nameOf = (arg: Call['args'][number] | undefined): string =>
  arg === undefined || 'literal' in arg ? 'value' : 'name' in arg ? arg.name : arg.call.name;

function refuse(
  compilation: Compilation,
  pointer: string,
  message: string,
  suggestion?: string | undefined,
): undefined {
  compilation.report('TEMPLATE_INVALID', pointer, message, { suggestion });
}
