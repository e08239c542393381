import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';

/** A file below a folder that is served. */
export interface FolderFile {
  /** The way from the folder, `/` between the parts. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modified: number;
}

/** An open file; whoever opened it closes the handle. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly size: number;
  readonly modified: number;
}

/** Files that are listed of one folder; the rest can be read, but nobody is told of them. */
const MOST_FILES = 10_000;
const DEEPEST = 64;

/**
 * The regular files below a folder, sorted by path; undefined when there is no such folder. Links are
 * followed while they stay inside. Names that begin with a dot are not served: `.git`, `.env`.
 */
export async function listFolder(folder: string): Promise<readonly FolderFile[] | undefined> {
  const root = await orAbsent(realpath(folder));
  if (root === undefined || !(await orAbsent(stat(root)))?.isDirectory()) return undefined;
  const files: FolderFile[] = [];
  await walk(root, root, [], [root], files);
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/**
 * Opens the file at `segments` below a folder. Undefined for what is not served: what is missing, no
 * regular file, hidden, or outside of the folder once links are followed.
 */
export async function openInFolder(
  folder: string,
  segments: readonly string[],
): Promise<OpenFile | undefined> {
  if (segments.length === 0 || !segments.every(isServedName)) return undefined;
  const root = await orAbsent(realpath(folder));
  const real = root === undefined ? root : await orAbsent(realpath(join(root, ...segments)));
  if (root === undefined || real === undefined || !isServedBelow(root, real)) return undefined;
  // A pipe must not hold the opening up, and what became a link meanwhile must not be followed.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await orAbsent(open(real, flags));
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size, modified: stats.mtimeMs };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** A part of a path that may be asked for: no way up, no separator, nothing hidden. */
export const isServedName = (name: string): boolean =>
  name !== '' && !name.startsWith('.') && !/[/\\\0]/.test(name);

async function walk(
  root: string,
  directory: string,
  above: readonly string[],
  chain: readonly string[],
  files: FolderFile[],
): Promise<void> {
  if (above.length > DEEPEST) return;
  const entries = await orAbsent(readdir(directory, { withFileTypes: true }), UNREADABLE);
  if (entries === undefined) return;
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    if (files.length >= MOST_FILES) return;
    if (!isServedName(entry.name)) continue;
    const here = join(directory, entry.name);
    const real = entry.isSymbolicLink() ? await orAbsent(realpath(here)) : here;
    if (real === undefined || !isServedBelow(root, real)) continue;
    const stats = await orAbsent(stat(real));
    const way = [...above, entry.name];
    if (stats?.isDirectory() && !chain.includes(real)) {
      await walk(root, real, way, [...chain, real], files);
    } else if (stats?.isFile()) {
      files.push({ path: way.join('/'), size: stats.size, modified: stats.mtimeMs });
    }
  }
}

function isServedBelow(root: string, real: string): boolean {
  const way = relative(root, real);
  return way !== '' && !isAbsolute(way) && way.split(sep).every(isServedName);
}

const ABSENT: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENXIO',
]);

/** A folder that may not be looked into is left out of a list rather than spoiling it. */
const UNREADABLE: ReadonlySet<string> = new Set([...ABSENT, 'EACCES', 'EPERM']);

/** What `work` gives, or undefined when it fails because nothing is there. */
async function orAbsent<T>(work: Promise<T>, absent = ABSENT): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
