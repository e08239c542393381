import type { ValidateFunction } from 'ajv/dist/2020.js';
import { ENVIRONMENT, type Variables } from '../document/binds.ts';
import type { CapabilityDocument } from '../document/document.ts';
import {
  type Finding,
  type FindingCode,
  type FindingDetails,
  findingAt,
} from '../document/finding.ts';
import type { Source } from '../document/source.ts';
import type { ScriptStep } from '../plan/plan.ts';
import type { Formats } from './formats.ts';
import type { ToolNames } from './tool-name.ts';

export interface CompileOptions {
  /** Base URIs from the command line or the environment, by consumes namespace. */
  readonly baseUris?: ReadonlyMap<string, string>;
  /** Mount each REST expose under `/<namespace>`. */
  readonly prefix?: boolean;
  /** How tools are named to clients; as published when absent. */
  readonly toolNames?: ToolNames;
  /** Report what MCP clients refuse, cut, or make little of, though it is served. */
  readonly lint?: boolean;
  /** Which of several operations of one name a call means: the first, or the one most like the exposed side. */
  readonly ambiguousCalls?: 'first' | 'nearest';
  /** Write out in published schemas what local references name. */
  readonly inlineRefs?: boolean;
  /** Folders beside that of the file that schemas of formats may lie in. */
  readonly allowImport?: readonly string[];
  /** Code of script steps by the pointer of the step; what is not among them was refused. */
  readonly scripts?: ReadonlyMap<string, ScriptStep['script']>;
  /** Give variables without a value one made up: for the embedded mock, which checks presence only. */
  readonly inventVariables?: boolean;
}

/** A variable that the file uses: the key it is read under, and whether it has a value. */
export interface UsedVariable {
  readonly key: string;
  readonly hasValue: boolean;
}

/** One file on its way to a plan: what is known, and what was found. */
export interface Compilation {
  readonly document: CapabilityDocument;
  readonly source: Source;
  readonly variables: Variables;
  readonly options: CompileOptions;
  readonly formats: Formats;
  readonly findings: Finding[];
  /** Values that must never be shown. */
  readonly secrets: Set<string>;
  /** By where they come from and their key. */
  readonly used: Map<string, UsedVariable>;
  /** Operations whose answers are kept. */
  readonly cached: Set<string>;
  /** Compiled checks of declared constraints, by schema: files repeat the same ones. */
  readonly checks: Map<string, ValidateFunction>;
  /** Headers that are sent alike for every caller, frozen, by their JSON: most operations have the same. */
  readonly headerLists: Map<string, readonly string[]>;
  /** The same at the same place is reported once, however many exposed operations lead to it. */
  report(code: FindingCode, pointer: string, message: string, details?: FindingDetails): void;
}

export function createCompilation(
  document: CapabilityDocument,
  source: Source,
  variables: Variables,
  options: CompileOptions,
  formats: Formats,
): Compilation {
  const findings: Finding[] = [];
  const reported = new Set<string>();
  return {
    document,
    source,
    variables,
    options,
    formats,
    findings,
    secrets: new Set(),
    used: new Map(),
    cached: new Set(),
    checks: new Map(),
    headerLists: new Map(),
    report(code, pointer, message, details) {
      const known = `${code} ${pointer} ${message}`;
      if (reported.has(known)) return;
      reported.add(known);
      findings.push(findingAt(source, code, pointer, message, details));
    },
  };
}

export const usedOfEnvironment = ({ used }: Compilation): readonly string[] =>
  [...used].flatMap(([at, { key }]) => (at === `${ENVIRONMENT} ${key}` ? [key] : []));

/**
 * The value of a variable. A missing one is reported with this use's place; undefined when no bind
 * can give the name, which the caller reports in its own words.
 */
export function useVariable(
  compilation: Compilation,
  reference: string,
  pointer: string,
  details: { readonly secret?: boolean } = {},
): { readonly constant: string } | 'missing' | undefined {
  const variable = compilation.variables.find(reference);
  if (variable === undefined) return undefined;
  const { key, from } = variable;
  if (!variable.listed) {
    compilation.report(
      'VARIABLE_UNLISTED',
      pointer,
      `{{${reference}}} is not among the keys of the bind "${variable.namespace}"; it is read from ${from} as ${key}. List it under keys to make that sure.`,
    );
  }
  let { value } = variable;
  const isFirst = !compilation.used.has(`${from} ${key}`);
  if (isFirst) compilation.used.set(`${from} ${key}`, { key, hasValue: value !== undefined });
  if (value === undefined && compilation.options.inventVariables === true) {
    value = `mock-${key.toLowerCase().replaceAll('_', '-')}`;
    if (isFirst) {
      compilation.report(
        'VARIABLE_MOCKED',
        pointer,
        `${key} has no value; the mock gets "${value}" in its place.`,
      );
    }
  }
  if (value === undefined) {
    compilation.report(
      'VARIABLE_MISSING',
      pointer,
      `{{${reference}}} needs ${key} from ${from}, which has no value. Set it there${
        from === ENVIRONMENT ? ', or in a file given with --env-file' : ''
      }.`,
    );
    return 'missing';
  }
  if (details.secret !== false) compilation.secrets.add(value);
  return { constant: value };
}
