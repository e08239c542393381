import type { Variables } from '../document/binds.ts';
import type { CapabilityDocument } from '../document/document.ts';
import {
  type Finding,
  type FindingCode,
  type FindingDetails,
  findingAt,
} from '../document/finding.ts';
import type { Source } from '../document/source.ts';
import type { Value } from '../expression/template.ts';

export interface CompileOptions {
  /** Base URIs from the command line or the environment, by consumes namespace. */
  readonly baseUris?: ReadonlyMap<string, string>;
  /** Mount each REST expose under `/<namespace>`. */
  readonly prefix?: boolean;
  /** `short` cuts tool names to 64 characters, ending in a stable hash. */
  readonly toolNames?: 'published' | 'short';
  /** Which of several operations of one name a call means: the first, or the one most like the exposed side. */
  readonly ambiguousCalls?: 'first' | 'nearest';
  /** Give variables without a value one made up: for the embedded mock, which checks presence only. */
  readonly inventVariables?: boolean;
}

/** One file on its way to a plan: what is known, and what was found. */
export interface Compilation {
  readonly document: CapabilityDocument;
  readonly source: Source;
  readonly variables: Variables;
  readonly options: CompileOptions;
  readonly findings: Finding[];
  /** Values that must never be shown. */
  readonly secrets: Set<string>;
  /** Names of the variables that are used, with their uses, for `inspect`. */
  readonly used: Map<string, { readonly pointers: string[]; readonly hasValue: boolean }>;
  report(code: FindingCode, pointer: string, message: string, details?: FindingDetails): void;
}

export function createCompilation(
  document: CapabilityDocument,
  source: Source,
  variables: Variables,
  options: CompileOptions,
): Compilation {
  const findings: Finding[] = [];
  return {
    document,
    source,
    variables,
    options,
    findings,
    secrets: new Set(),
    used: new Map(),
    report(code, pointer, message, details) {
      findings.push(findingAt(source, code, pointer, message, details));
    },
  };
}

/**
 * The constant a variable stands for. A missing one is reported with this use's place; undefined when
 * no bind can give the name, which the caller reports in its own words.
 */
export function useVariable(
  compilation: Compilation,
  reference: string,
  pointer: string,
  details: { readonly secret?: boolean } = {},
): Value | 'missing' | undefined {
  const variable = compilation.variables.find(reference);
  if (variable === undefined) return undefined;
  if (!variable.listed) {
    compilation.report(
      'VARIABLE_UNLISTED',
      pointer,
      `{{${reference}}} is not among the keys of the bind "${variable.namespace}"; it is read from ${variable.from} as ${variable.key}. List it under keys to make that sure.`,
    );
  }
  let { value } = variable;
  const use = compilation.used.get(variable.key);
  if (use === undefined) {
    compilation.used.set(variable.key, { pointers: [pointer], hasValue: value !== undefined });
  } else use.pointers.push(pointer);
  if (value === undefined && compilation.options.inventVariables === true) {
    value = `mock-${variable.key.toLowerCase().replaceAll('_', '-')}`;
    if (use === undefined) {
      compilation.report(
        'VARIABLE_MOCKED',
        pointer,
        `${variable.key} has no value; the mock gets "${value}" in its place.`,
      );
    }
  }
  if (value === undefined) {
    compilation.report(
      'VARIABLE_MISSING',
      pointer,
      `{{${reference}}} needs ${variable.key} from ${variable.from}, which has no value. Set it there${
        variable.from === 'the environment' ? ', or in a file given with --env-file' : ''
      }.`,
    );
    return 'missing';
  }
  if (details.secret !== false) compilation.secrets.add(value);
  return { constant: value };
}
