import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import type {
  CapabilityDocument,
  ConsumesEntry,
  ConsumesHttp,
  ConsumesImport,
} from './document.ts';
import type { Finding, FindingCode, FindingDetails } from './finding.ts';
import { findingAt, hasErrors } from './finding.ts';
import { type LoadedFile, type LoadOptions, loadFile } from './load.ts';
import { locate } from './location.ts';
import type { Source } from './source.ts';
import { pointerOf } from './source.ts';
import { nearest } from './suggest.ts';

export interface ImportOptions extends LoadOptions {
  /** Folders beside that of the importing file that imported files may lie in. */
  readonly allowImport?: readonly string[];
}

export interface ResolvedImports {
  /** The document with the imported blocks in place of the entries that import them; not whole when a finding is an error. */
  readonly document: CapabilityDocument;
  /** Knows which file each of its parts is written in. */
  readonly source: Source;
  readonly findings: readonly Finding[];
  /** Of the imported files, each once. */
  readonly sources: readonly Source[];
}

/**
 * Puts consumed APIs that other files declare into a document. What is wrong with an import is found
 * at its place; what is wrong in an imported file, at that file's own place.
 */
export async function resolveImports(
  document: CapabilityDocument,
  source: Source,
  options: ImportOptions = {},
): Promise<ResolvedImports> {
  const all = [...(document.consumes ?? []), ...(document.capability?.consumes ?? [])];
  if (!all.some(isImport)) return { document, source, findings: [], sources: [] };
  const importer = createImporter(source, options);
  const consumes = await importer.entries(document.consumes, '/consumes');
  const own = await importer.entries(document.capability?.consumes, '/capability/consumes');
  return {
    document: {
      ...document,
      ...(consumes === undefined ? {} : { consumes }),
      ...(own === undefined ? {} : { capability: { ...document.capability, consumes: own } }),
    },
    source: sourceOfAll(source, importer.origins),
    findings: importer.findings,
    sources: [...importer.files.values()].map((file) => file.source),
  };
}

const isImport = (entry: ConsumesEntry): entry is ConsumesImport => 'location' in entry;

/** A block as its file has it. */
interface Found {
  readonly block: ConsumesHttp;
  readonly source: Source;
  readonly pointer: string;
}

/** An import that is being followed. */
interface Place {
  readonly entry: ConsumesImport;
  readonly source: Source;
  readonly pointer: string;
  /** The files and namespaces on the way to it. */
  readonly trail: readonly string[];
}

function createImporter(root: Source, options: ImportOptions) {
  const findings: Finding[] = [];
  const files = new Map<string, LoadedFile>();
  const origins = new Map<string, { readonly source: Source; readonly pointer: string }>();

  /** @param key the part of the import that is wrong */
  function refuse(
    { source, pointer }: Place,
    key: string,
    code: FindingCode,
    message: string,
    details: FindingDetails = {},
  ): undefined {
    findings.push(findingAt(source, code, pointerOf(pointer, key), message, details));
  }

  async function entries(
    written: readonly ConsumesEntry[] | undefined,
    parent: string,
  ): Promise<readonly ConsumesEntry[] | undefined> {
    if (written === undefined) return undefined;
    const blocks: ConsumesEntry[] = [];
    for (const [index, entry] of written.entries()) {
      if (!isImport(entry)) {
        blocks.push(entry);
        continue;
      }
      const from = pointerOf(parent, index);
      const place: Place = { entry, source: root, pointer: from, trail: [] };
      const before = findings.length;
      const found = await follow(place);
      if (found !== undefined) {
        origins.set(from, found);
        const { description = found.block.description } = entry;
        blocks.push({
          ...found.block,
          namespace: namespaceOf(entry),
          ...(description === undefined ? {} : { description }),
        });
      } else if (findings.slice(before).every(({ file }) => file !== root.path)) {
        const broken = String(findings.at(-1)?.file);
        refuse(place, 'location', 'IMPORT_UNREADABLE', brokenFile(broken));
      }
    }
    return blocks;
  }

  async function follow(place: Place): Promise<Found | undefined> {
    const { entry } = place;
    const path = await confine(place);
    if (path === undefined) return undefined;
    const step = `${path} ${entry.import}`;
    if (place.trail.includes(step)) {
      const message = `This import leads back to itself: "${entry.import}" of ${shownPath(path)} imports what it is imported by. Declare the API in one of the files.`;
      return refuse(place, 'import', 'IMPORT_CYCLE', message);
    }
    const file = await load(path, place);
    if (file?.document === undefined) return undefined;
    const { document } = file;
    const candidates = [
      ...(document.consumes ?? []).map((each, at) => [each, pointerOf('/consumes', at)] as const),
      ...(document.capability?.consumes ?? []).map(
        (each, at) => [each, pointerOf('/capability/consumes', at)] as const,
      ),
    ];
    const named = candidates.find(([each]) => namespaceOf(each) === entry.import);
    if (named === undefined) {
      const names = candidates.map(([each]) => namespaceOf(each));
      const known = names.length === 0 ? 'it consumes nothing' : `it has ${names.join(', ')}`;
      const message = `The file ${file.source.path} declares no consumed API with the namespace "${entry.import}"; ${known}.`;
      return refuse(place, 'import', 'IMPORT_UNKNOWN', message, {
        suggestion: nearest(entry.import, names),
      });
    }
    const [block, pointer] = named;
    if (!pass(file, pointer))
      return refuse(place, 'location', 'IMPORT_UNREADABLE', brokenFile(file.source.path));
    return isImport(block)
      ? follow({ entry: block, source: file.source, pointer, trail: [...place.trail, step] })
      : { block, source: file.source, pointer };
  }

  /** Hands on what concerns the imported block; false when one of it is an error. */
  function pass({ findings: own }: LoadedFile, below: string): boolean {
    const concerning = own.filter(
      ({ code, pointer }) => code === 'VERSION_UNKNOWN' || `${pointer}/`.startsWith(`${below}/`),
    );
    findings.push(...concerning.filter((finding) => !findings.includes(finding)));
    return !hasErrors(concerning);
  }

  async function load(path: string, place: Place): Promise<LoadedFile | undefined> {
    const known = files.get(path);
    const file = known ?? (await loadFile(shownPath(path), options));
    files.set(path, file);
    if (file.document !== undefined) return file;
    if (known === undefined) findings.push(...file.findings);
    return refuse(place, 'location', 'IMPORT_UNREADABLE', brokenFile(file.source.path));
  }

  /** The real path of an imported file; it has to lie in a folder that is allowed. */
  async function confine(place: Place): Promise<string | undefined> {
    const { entry, source } = place;
    const { path, scheme } = locate(entry.location, source.path);
    if (path === undefined) {
      const message = `A file at "${scheme}:" cannot be imported; write the way to it from this file, such as ./shared/api.yaml.`;
      return refuse(place, 'location', 'IMPORT_UNREADABLE', message);
    }
    const real = await orUndefined(realpath(path));
    if (real === undefined) {
      const message = `There is no file ${shownPath(path)} to import from, or it cannot be reached. Correct the location, which is relative to the folder of this file.`;
      return refuse(place, 'location', 'IMPORT_UNREADABLE', message);
    }
    for (const folder of [dirname(root.path), ...(options.allowImport ?? [])]) {
      const allowed = await orUndefined(realpath(folder));
      if (allowed !== undefined && isBelow(allowed, real)) return real;
    }
    const message = `The file ${shownPath(real)} lies outside the folder of the importing file. If that is meant, allow it with --allow-import ${shownPath(dirname(real))}`;
    return refuse(place, 'location', 'IMPORT_OUTSIDE', message);
  }

  function shownPath(path: string): string {
    if (isAbsolute(root.path)) return path;
    return relative(process.cwd(), path) || '.';
  }

  return { entries, findings, files, origins };
}

const brokenFile = (path: string): string =>
  `The imported file ${path} has errors, which are listed with it; nothing can be imported from it until they are mended.`;

const namespaceOf = (entry: ConsumesEntry): string =>
  isImport(entry) ? (entry.as ?? entry.import) : entry.namespace;

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function orUndefined<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

/** One source for what several files hold: places lead into the file that each part is from. */
function sourceOfAll(
  root: Source,
  origins: ReadonlyMap<string, { readonly source: Source; readonly pointer: string }>,
): Source {
  const origin = (pointer: string): { source: Source; pointer: string } => {
    const [, entry = '', rest = ''] =
      /^((?:\/capability)?\/consumes\/\d+)(\/.*)?$/s.exec(pointer) ?? [];
    const from = origins.get(entry);
    return from === undefined
      ? { source: root, pointer }
      : { source: from.source, pointer: from.pointer + rest };
  };
  return {
    path: root.path,
    text: root.text,
    origin,
    position(pointer, at) {
      const from = origin(pointer);
      return from.source.position(from.pointer, at);
    },
  };
}
