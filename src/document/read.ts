import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, open, read } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Finding, FindingCode } from './finding.ts';
import { FINDINGS } from './finding.ts';

/** Bytes a capability file may have. */
export const FILE_LIMIT = 8 * 1024 * 1024;

export interface FileList {
  /** As the user named them; below a folder, the folder's name and the way from there. */
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * The capability files that `paths` name, each once: files as they are, folders searched for
 * `*.yaml` and `*.yml` in sorted order, without `node_modules` and folders that begin with a dot.
 */
export async function listFiles(paths: readonly string[]): Promise<FileList> {
  const files: string[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) await listFolder(path, files, findings);
      else files.push(path);
    } catch (error) {
      findings.push(unreadable(path, error));
    }
  }
  const seen = new Set<string>();
  return {
    files: files.filter((file) => !seen.has(resolve(file)) && seen.add(resolve(file))),
    findings,
  };
}

export type ReadText =
  | { readonly text: string; readonly finding?: undefined }
  | { readonly text?: undefined; readonly finding: Finding };

/** The text of a file, checked to be UTF-8 and at most `FILE_LIMIT` bytes; never throws. */
export async function readText(path: string): Promise<ReadText> {
  try {
    // A pipe would keep whoever opens it waiting for somebody to write.
    const file = await opened(path, O_RDONLY | (O_NONBLOCK ?? 0));
    try {
      return await readOpened(path, file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { finding: unreadable(path, error) };
  }
}

const opened = promisify(open);
const { O_RDONLY, O_NONBLOCK } = constants as { O_RDONLY: number; O_NONBLOCK?: number };

/** What an open file is, is known at once; to ask for it elsewhere costs more than reading it. */
async function readOpened(path: string, file: number): Promise<ReadText> {
  const found = fstatSync(file);
  if (found.isDirectory()) return { finding: unreadable(path, { code: 'EISDIR' }) };
  // A pipe or a device may never end, or never begin.
  if (!found.isFile()) return { finding: unreadable(path, { code: 'ENXIO' }) };
  if (found.size > FILE_LIMIT) return { finding: tooLarge(path, found.size) };
  const bytes = await readBounded(file, found.size);
  return bytes.length > FILE_LIMIT
    ? { finding: tooLarge(path, bytes.length) }
    : decode(path, bytes);
}

async function listFolder(folder: string, files: string[], findings: Finding[]): Promise<void> {
  const found: string[] = [];
  const unread = await collect(folder, found, new Set());
  findings.push(...unread);
  files.push(...found.sort());
  if (found.length > 0 || unread.length > 0) return;
  const message =
    'This folder holds no *.yaml or *.yml file, at any depth. Name another folder, or a file.';
  findings.push(fileFinding('NO_CAPABILITY_FILES', folder, message));
}

async function collect(folder: string, found: string[], walked: Set<string>): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    // A link may lead back to a folder above it.
    const real = await realpath(folder);
    if (walked.has(real)) return findings;
    walked.add(real);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
      if (kind.isDirectory()) {
        if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
        findings.push(...(await collect(path, found, walked)));
      } else if (kind.isFile() && /\.ya?ml$/i.test(entry.name)) found.push(path);
    }
  } catch (error) {
    findings.push(unreadable(folder, error));
  }
  return findings;
}

/**
 * Reads one byte more than the limit at most. A file that is as long as was said is read at one go;
 * what has another length, or none, as some that the system makes up, to its end.
 */
async function readBounded(file: number, size: number): Promise<Buffer> {
  let room = Buffer.allocUnsafe(Math.max(size + 1, LEAST_ROOM));
  let filled = 0;
  for (;;) {
    const { bytesRead } = await readInto(file, room, filled, room.length - filled, null);
    filled += bytesRead;
    if (bytesRead === 0 || filled === size || filled > FILE_LIMIT) break;
    if (filled < room.length) continue;
    const wider = Buffer.allocUnsafe(Math.min(2 * filled, FILE_LIMIT + 1));
    room.copy(wider);
    room = wider;
  }
  return room.subarray(0, filled);
}

const readInto = promisify(read);
const LEAST_ROOM = 4096;

function decode(path: string, bytes: Buffer): ReadText {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) {
    const message = 'The text is encoded as UTF-16. Save the file as UTF-8.';
    return { finding: fileFinding('FILE_NOT_TEXT', path, message) };
  }
  // Takes a byte order mark away.
  const text = new TextDecoder('utf-8').decode(bytes);
  if (!isUtf8(bytes)) {
    const message =
      'A byte here is not UTF-8. The file is binary or saved in another encoding; save it as UTF-8.';
    return {
      finding: fileFinding('FILE_NOT_TEXT', path, message, placeOf(text, text.indexOf('\uFFFD'))),
    };
  }
  const zero = text.indexOf('\0');
  if (zero < 0) return { text };
  const message = 'A NUL byte stands here, which no YAML text holds. Is this a binary file?';
  return { finding: fileFinding('FILE_NOT_TEXT', path, message, placeOf(text, zero)) };
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function tooLarge(path: string, size: number): Finding {
  const message =
    `The file has ${megabytes(size)} MiB; a capability file may have ${FILE_LIMIT / 1024 ** 2} MiB. ` +
    'Split it into several capabilities.';
  return fileFinding('FILE_TOO_LARGE', path, message);
}

const megabytes = (size: number): string => (Math.ceil((size / 1024 ** 2) * 10) / 10).toString();

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'No file or folder has this name. Check the spelling and the working directory.',
  ENOTDIR: 'A part of this path is a file where a folder is expected.',
  EACCES: 'The file exists, but this user may not read it. Check its permissions.',
  EPERM: 'The file exists, but this user may not read it. Check its permissions.',
  EISDIR: 'This is a folder, where a file is expected. Name a file in it.',
  ENXIO: 'This is no regular file. Name a capability file or a folder of them.',
  ELOOP: 'Links lead round in a circle.',
  ENAMETOOLONG: 'The name is too long for this file system.',
};

function unreadable(path: string, error: unknown): Finding {
  const code = String((error as NodeJS.ErrnoException | null)?.code ?? 'unknown reason');
  const message = reasons[code] ?? `The operating system cannot read it (${code}).`;
  return fileFinding('FILE_UNREADABLE', path, message);
}

/** A finding about a file as a whole, without a source to point into. */
export function fileFinding(
  code: FindingCode,
  path: string,
  message: string,
  place: { line: number; column: number } = { line: 0, column: 0 },
): Finding {
  return { severity: FINDINGS[code].severity, code, file: path, pointer: '', ...place, message };
}
