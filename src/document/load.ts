import { checkNames } from './checks.ts';
import type { CapabilityDocument } from './document.ts';
import type { Finding, FindingCode } from './finding.ts';
import { parseText } from './parse.ts';
import { prune } from './prune.ts';
import { fileFinding, listFiles, type ReadText, readText } from './read.ts';
import { checkDocument } from './schema.ts';
import type { Source } from './source.ts';
import { checkVersion } from './version.ts';

export interface LoadOptions {
  /** Judge by the published schema too: what it refuses, and every unknown key, is an error. */
  readonly strict?: boolean;
}

export interface LoadedFile {
  readonly source: Source;
  /**
   * undefined when the shape of the document cannot be relied on. A document may be there although
   * `findings` hold errors (a port out of range, a duplicate namespace): ask `hasErrors` before serving.
   */
  readonly document: CapabilityDocument | undefined;
  readonly findings: readonly Finding[];
}

export interface LoadedFiles {
  readonly loaded: readonly LoadedFile[];
  /** About the paths themselves: missing, unreadable, a folder without capability files. */
  readonly findings: readonly Finding[];
}

/** Files that are read while those before them are parsed. */
const READ_AHEAD = 8;
/** Findings shown of one file. */
const FINDING_LIMIT = 200;

/** Errors that leave the shape of the document as the schema promises it. */
const harmless: ReadonlySet<FindingCode> = new Set([
  'PORT_OUT_OF_RANGE',
  'NAMESPACE_DUPLICATE',
  'SCHEMA_STRICT',
  'KEY_UNKNOWN',
]);

/** Reads, parses and validates one file. Never throws for bad input: all that is wrong is in `findings`. */
export async function loadFile(path: string, options: LoadOptions = {}): Promise<LoadedFile> {
  return ofText(path, await readText(path), options);
}

/** As `loadFile`, for text that is already in memory; `path` is only a name. */
export function loadText(path: string, text: string, options: LoadOptions = {}): LoadedFile {
  const { source, value: written, findings } = parseText(path, text);
  if (findings.length > 0) return { source, document: undefined, findings };
  const version = checkVersion(written, source);
  const value = version.respelled ?? written;
  if (version.unusable) return { source, document: undefined, findings: version.findings };
  const shape = checkDocument(value, source, options);
  const usable = shape.every(({ severity, code }) => severity !== 'error' || harmless.has(code));
  const document = usable ? (prune(value, ignored(shape)) as CapabilityDocument) : undefined;
  const names = document === undefined ? [] : checkNames(document, source);
  return { source, document, findings: shown([...version.findings, ...shape, ...names]) };
}

/**
 * Loads files and folders, in the order named, each file once. A YAML file of another kind that a
 * folder happens to hold (secrets, an OpenAPI document) is a note; one that was named is an error.
 */
export async function loadFiles(
  paths: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedFiles> {
  const { files, findings } = await listFiles(paths);
  const named = new Set(paths);
  const loaded: LoadedFile[] = [];
  const ahead = files.slice(0, READ_AHEAD).map(readText);
  for (const [at, file] of files.entries()) {
    const read = (await ahead.shift()) as ReadText;
    const next = files[at + READ_AHEAD];
    if (next !== undefined) ahead.push(readText(next));
    const one = ofText(file, read, options);
    loaded.push(named.has(file) ? one : leftOut(one));
  }
  const bystanders = loaded.filter((file) => file.findings.some(isBystander));
  if (loaded.length === 0 || bystanders.length < loaded.length) return { loaded, findings };
  const message = 'None of the YAML files in this folder is a capability.';
  const folder = paths.find((path) => !files.includes(path)) ?? '';
  return { loaded, findings: [...findings, fileFinding('NO_CAPABILITY_FILES', folder, message)] };
}

function ofText(path: string, { text, finding }: ReadText, options: LoadOptions): LoadedFile {
  return finding === undefined
    ? loadText(path, text, options)
    : { source: emptySource(path), document: undefined, findings: [finding] };
}

const isBystander = ({ code, severity }: Finding): boolean =>
  code === 'NOT_A_CAPABILITY' && severity === 'info';

function leftOut(file: LoadedFile): LoadedFile {
  const findings = file.findings.map(
    (finding): Finding =>
      finding.code === 'NOT_A_CAPABILITY' ? { ...finding, severity: 'info' } : finding,
  );
  return { ...file, findings };
}

/** Values that the schema refused with a warning, which says that they are ignored. */
const ignored = (shape: readonly Finding[]): string[] =>
  shape
    .filter(({ severity, code }) => severity === 'warning' && code.startsWith('VALUE_'))
    .map(({ pointer }) => pointer);

/** In the order of the file. Of a great many, which have few causes, the gravest and a count. */
function shown(findings: readonly Finding[]): Finding[] {
  const inOrder = [...findings].sort((a, b) => a.line - b.line || a.column - b.column);
  if (inOrder.length <= FINDING_LIMIT) return inOrder;
  const isError = (finding: Finding): number => Number(finding.severity === 'error');
  const ranked = [...inOrder].sort((a, b) => isError(b) - isError(a));
  const next = ranked[FINDING_LIMIT];
  const rest = ranked.length - FINDING_LIMIT;
  const kept = new Set(ranked.slice(0, FINDING_LIMIT));
  return inOrder.flatMap((finding) => {
    if (kept.has(finding)) return [finding];
    if (finding !== next) return [];
    const count = `${rest} more findings of this file are not shown; this is the first of them.`;
    return [{ ...finding, message: `${count} ${finding.message}` }];
  });
}

const emptySource = (path: string): Source => ({
  path,
  text: '',
  position: () => ({ line: 0, column: 0 }),
});
