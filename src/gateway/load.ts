import { baseUriVariable } from '../compile/base-uri.ts';
import type { CompileOptions } from '../compile/compilation.ts';
import { type Compiled, compileCapability } from '../compile/compile.ts';
import { type About, aboutOf } from '../document/about.ts';
import { readEnvFile } from '../document/bind-file.ts';
import { type Environment, resolveBinds } from '../document/binds.ts';
import type { CapabilityDocument, ConsumesHttp } from '../document/document.ts';
import { type Finding, hasErrors } from '../document/finding.ts';
import { type ResolvedImports, resolveImports } from '../document/imports.ts';
import { type LoadedFile, loadFiles } from '../document/load.ts';
import type { Source } from '../document/source.ts';
import type { CapabilityPlan } from '../plan/plan.ts';
import { loadScripts } from '../script/steps.ts';
import { checkNamespaces } from './namespaces.ts';
import type { GatewayOptions } from './options.ts';
import { type KeyedBlock, type StandIns, startStandIns } from './stand-ins.ts';

export interface LoadedCapability {
  readonly source: Source;
  readonly compiled: Compiled;
  /** Where it was asked for. */
  readonly about?: About;
}

export interface Loaded {
  /** Files without an error. */
  readonly capabilities: readonly LoadedCapability[];
  /** Those and the ones whose plan is incomplete, for `inspect`. */
  readonly drafts: readonly LoadedCapability[];
  /** Paths of files that have an error. */
  readonly refused: readonly string[];
  readonly sources: readonly Source[];
  readonly findings: readonly Finding[];
  readonly secrets: ReadonlySet<string>;
  /** Present when asked for; whoever loads closes them. */
  readonly standIns: StandIns | undefined;
}

/** What a gateway takes, and what is of interest without one. */
export interface LoadOptions extends GatewayOptions, Pick<CompileOptions, 'lint'> {}

/**
 * Reads, checks and compiles capability files. Bad files are findings; this never throws for them.
 * @throws OptionError when an option names a namespace that no file has
 */
export async function loadCapabilities(
  options: LoadOptions,
  wanted: { readonly about?: boolean } = {},
): Promise<Loaded> {
  const { loaded, findings: reading } = await loadFiles(options.files);
  const { environment: given, findings: ofEnvironment } = await readEnvironment(options);
  const findings: Finding[] = [
    ...reading,
    ...ofEnvironment,
    ...loaded.flatMap((file) => file.findings),
  ];
  const readable: ResolvedImports[] = [];
  for (const { document, source } of loaded.filter(isReadable)) {
    const resolved = await resolveImports(document, source, options);
    findings.push(...resolved.findings);
    if (!hasErrors(resolved.findings)) readable.push(resolved);
  }
  // The namespaces of a file that cannot be read are not known.
  if (!hasErrors(findings))
    checkNamespaces(
      readable.map(({ document }) => document),
      options,
    );
  const standIns = await startStandIns(
    readable.flatMap(({ document }, index) => consumesOf(document, index)),
    options,
  );
  const environment = withValuesOf(standIns, given);
  const drafts: LoadedCapability[] = [];
  const secrets = new Set<string>();
  for (const [index, { document, source }] of readable.entries()) {
    const binds = await resolveBinds(document, source, environment, options.bindSchemes);
    findings.push(...binds.findings);
    const { scripts, findings: ofScripts } = await loadScripts(document, source, {
      allowScripts: options.allowScripts ?? false,
      ...(options.python === undefined ? {} : { python: options.python }),
    });
    findings.push(...ofScripts);
    const compiled = await compileCapability(document, source, binds.variables, {
      ...compileOptions(options, environment, standIns, consumesOf(document, index)),
      scripts,
    });
    findings.push(...compiled.findings);
    for (const secret of compiled.secrets) secrets.add(secret);
    const about = wanted.about === true ? { about: aboutOf(document) } : {};
    drafts.push({ source, compiled, ...about });
  }
  const refused = new Set([
    ...findings.filter(({ severity }) => severity === 'error').map(({ file }) => file),
    ...drafts.filter(({ compiled }) => !compiled.plan).map(({ source }) => source.path),
  ]);
  return {
    capabilities: drafts.filter(
      ({ source, compiled }) => compiled.plan !== undefined && !refused.has(source.path),
    ),
    drafts,
    refused: [...refused],
    sources: [...loaded.map((file) => file.source), ...readable.flatMap((file) => file.sources)],
    findings: distinct(findings),
    secrets,
    standIns,
  };
}

/** A file that several import says the same to each. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ file, code, pointer, message }) => {
    const known = JSON.stringify([file, code, pointer, message]);
    return !seen.has(known) && seen.add(known);
  });
}

const isReadable = (file: LoadedFile): file is LoadedFile & { document: CapabilityDocument } =>
  file.document !== undefined && !hasErrors(file.findings);

export const planOf = ({ compiled }: LoadedCapability): CapabilityPlan =>
  compiled.plan ?? compiled.draft;

/** The variables that binds are read from: the environment, over a dotenv file when one is given. */
export async function readEnvironment(options: {
  readonly envFile?: string;
  readonly environment?: Environment;
}): Promise<{ environment: Environment; findings: readonly Finding[] }> {
  const environment = options.environment ?? process.env;
  if (options.envFile === undefined) return { environment, findings: [] };
  const { values, findings } = await readEnvFile(options.envFile);
  return { environment: { ...values, ...environment }, findings };
}

function compileOptions(
  options: LoadOptions,
  environment: Environment,
  standIns: StandIns | undefined,
  blocks: readonly KeyedBlock[],
): CompileOptions {
  const baseUris = new Map<string, string>();
  for (const keyed of blocks) {
    const { namespace } = keyed.block;
    const given =
      options.baseUris?.[namespace] ??
      standIns?.baseUri(keyed) ??
      environment[baseUriVariable(namespace)];
    if (given !== undefined) baseUris.set(namespace, given);
  }
  return {
    baseUris,
    prefix: options.prefix ?? false,
    toolNames: options.toolNames ?? 'published',
    inlineRefs: options.inlineRefs ?? false,
    ambiguousCalls: options.ambiguousCalls ?? 'first',
    inventVariables: standIns?.takesAnyCredential ?? false,
    allowImport: options.allowImport ?? [],
    lint: options.lint ?? false,
  };
}

/** The blocks of one file, each under a key that is its own in the whole process. */
function consumesOf(document: CapabilityDocument, fileIndex: number): KeyedBlock[] {
  return [...(document.consumes ?? []), ...(document.capability?.consumes ?? [])]
    .filter((entry): entry is ConsumesHttp => !('location' in entry))
    .map((block, index) => ({ block, key: `${block.namespace}-${fileIndex}-${index}` }));
}

/** A sandbox takes no credentials but its own. */
const withValuesOf = (standIns: StandIns | undefined, given: Environment): Environment =>
  Object.assign({}, given, ...(standIns?.sandboxes ?? []).map(({ variables }) => variables));
