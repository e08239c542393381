import { resolve } from 'node:path';
import { readBindFile } from './bind-file.ts';
import { type BindSchemes, type FoundValues, readScheme } from './bind-schemes.ts';
import type { Bind, CapabilityDocument, ConsumedOperation, ConsumedResource } from './document.ts';
import type { Finding } from './finding.ts';
import { findingAt } from './finding.ts';
import { locate } from './location.ts';
import type { Source } from './source.ts';
import { pointerOf } from './source.ts';

/** One bound variable as the file's templates can name it: `{{VAR}}` or `{{namespace.VAR}}`. */
export interface Variable {
  readonly namespace: string;
  readonly name: string;
  /** The key it is read under: an environment variable, or a key of the bind's file. */
  readonly key: string;
  /** undefined when nothing gives it a value, or an empty one. */
  readonly value: string | undefined;
  /** For messages: `the environment`, or the path of the bind's file. */
  readonly from: string;
  /** False when the bind's keys do not list it (`{{env.X}}` of a bind without location). */
  readonly listed: boolean;
  /** True when the key is there with an empty value, which counts as none. */
  readonly empty?: boolean;
}

export interface Variables {
  /** `VAR` or `namespace.VAR`; undefined when no bind can give it. */
  find(reference: string): Variable | undefined;
  /** Every listed variable, used or not, for `inspect`. */
  readonly listed: readonly Variable[];
}

/** What `from` says of a variable that the environment gives, or the file of `--env-file`. */
export const ENVIRONMENT = 'the environment';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ResolvedBinds {
  readonly variables: Variables;
  readonly findings: readonly Finding[];
}

/**
 * Reads what the binds of a document, at its root and in its capability, give. A variable without a
 * value is no finding here: only one that is used needs a value. So a bind file that does not exist
 * and a location that is not served are warnings; a file that is there and cannot be read is an error.
 * @param schemes beside `file` and `env`
 */
export async function resolveBinds(
  document: CapabilityDocument,
  source: Source,
  environment: Environment,
  schemes: BindSchemes = {},
): Promise<ResolvedBinds> {
  const findings: Finding[] = [];
  const files: BindFiles = new Map();
  const surroundings: Surroundings = {
    source,
    environment,
    files,
    schemes,
    findings,
  };
  const resolved: ResolvedBind[] = [];
  for (const place of placesOf(document)) {
    resolved.push(await resolveBind(place, surroundings));
  }
  resolved.push(
    ...environmentParameters(document).map((name) => fromEnvironment(name, environment)),
  );
  const listed = resolved.flatMap((bind) => bind.listed);
  return { variables: { listed, find: (reference) => find(reference, resolved) }, findings };
}

/** Names of the parameters of consumed APIs that are `in: environment`: variables without a bind. */
function environmentParameters(document: CapabilityDocument): string[] {
  const blocks = [...(document.consumes ?? []), ...(document.capability?.consumes ?? [])];
  const parameters = blocks.flatMap((block) =>
    'location' in block
      ? []
      : [
          block,
          ...(block.resources ?? []),
          ...(block.resources ?? []).flatMap(operationsOf),
        ].flatMap(({ inputParameters = [] }) => inputParameters),
  );
  const names = parameters.filter((each) => each.in === 'environment').map(({ name }) => name);
  return [...new Set(names)];
}

const operationsOf = ({ operations = [] }: ConsumedResource): readonly ConsumedOperation[] =>
  operations;

function fromEnvironment(name: string, environment: Environment): ResolvedBind {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  const from = ENVIRONMENT;
  const namespace = 'environment';
  const known = { namespace, name, key: name, value: value || undefined, from, listed: true };
  const variable: Variable = value === '' ? { ...known, empty: true } : known;
  return { namespace, listed: [variable], read: () => variable, open: false };
}

type BindFiles = Map<string, ReturnType<typeof readBindFile>>;

interface BindPlace {
  readonly bind: Bind;
  readonly pointer: string;
}

interface ResolvedBind {
  readonly namespace: string;
  readonly listed: readonly Variable[];
  readonly read: (name: string, key: string, listed: boolean) => Variable;
  /** Whether a variable that the keys do not list is read under its own name. */
  readonly open: boolean;
}

function placesOf(document: CapabilityDocument): BindPlace[] {
  const under = (binds: readonly Bind[] | undefined, parent: string): BindPlace[] =>
    (binds ?? []).map((bind, index) => ({ bind, pointer: pointerOf(parent, 'binds', index) }));
  return [...under(document.binds, ''), ...under(document.capability?.binds, '/capability')];
}

interface Surroundings {
  readonly source: Source;
  readonly environment: Environment;
  readonly files: BindFiles;
  readonly schemes: BindSchemes;
  readonly findings: Finding[];
}

/** `env://` says what leaving the location out says. */
const locationOf = ({ location }: Bind): string | undefined =>
  location !== undefined && /^env:(?:\/\/)?$/i.test(location) ? undefined : location;

async function resolveBind(
  { bind, pointer }: BindPlace,
  surroundings: Surroundings,
): Promise<ResolvedBind> {
  const { source, environment, findings } = surroundings;
  const keys = Object.values(bind.keys ?? {}).map(String);
  const location = locationOf(bind);
  let values = environment;
  let from: string = ENVIRONMENT;
  if (location !== undefined) {
    const found = await valuesAt(location, keys, surroundings);
    values = found.values;
    from = found.from;
    if (found.finding !== undefined) {
      const { code, message, severity } = found.finding;
      findings.push(findingAt(source, code, pointerOf(pointer, 'location'), message, { severity }));
    }
  }
  const read = (name: string, key: string, listed: boolean): Variable => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    const empty = value === '';
    return {
      namespace: bind.namespace,
      name,
      key,
      value: empty ? undefined : value,
      from,
      listed,
      ...(empty ? { empty } : {}),
    };
  };
  const listed = Object.entries(bind.keys ?? {}).map(([name, key]) =>
    read(name, String(key), true),
  );
  return { namespace: bind.namespace, listed, read, open: location === undefined };
}

async function valuesAt(
  location: string,
  keys: readonly string[],
  { source, files, schemes }: Surroundings,
): Promise<FoundValues> {
  const place = locate(location, source.path);
  if (place.path === undefined) {
    return readScheme(place.scheme, { location, file: resolve(source.path), keys }, schemes);
  }
  // Two binds may read one file.
  let file = files.get(place.path);
  if (file === undefined) {
    file = readBindFile(place.path);
    files.set(place.path, file);
  }
  const read = await file;
  if (read.problem === undefined) return { values: read.values, from: place.path };
  const finding = {
    code: 'BIND_UNREADABLE',
    message: read.problem,
    severity: read.missing ? 'warning' : 'error',
  } as const;
  return { values: {}, from: place.path, finding };
}

function find(reference: string, binds: readonly ResolvedBind[]): Variable | undefined {
  const listed = binds.flatMap((bind) => bind.listed).filter(({ name }) => name === reference);
  // Two binds may list one name: a value is better than none.
  const plain = listed.find(({ value }) => value !== undefined) ?? listed[0];
  if (plain !== undefined) return plain;
  const dot = reference.indexOf('.');
  if (dot < 1) return undefined;
  const namespace = reference.slice(0, dot);
  const name = reference.slice(dot + 1);
  const named = binds.filter((bind) => bind.namespace === namespace);
  for (const bind of named) {
    const variable = bind.listed.find((candidate) => candidate.name === name);
    if (variable !== undefined) return variable;
  }
  return name === '' ? undefined : named.find(({ open }) => open)?.read(name, name, false);
}
