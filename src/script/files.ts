import { isUtf8 } from 'node:buffer';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { FindingCode } from '../document/finding.ts';

/** Bytes one script file may have. */
const FILE_LIMIT = 1024 * 1024;

export type ReadScript =
  | { readonly name: string; readonly text: string; readonly code?: undefined }
  | { readonly code: FindingCode; readonly message: string };

/** The real path of a folder of scripts, or undefined when it is none. */
export async function findFolder(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : undefined;
  } catch {
    return undefined;
  }
}

/** Reads `file` below `folder`, a real path. Links may lead round inside the folder, not out of it. */
export async function readScript(folder: string, file: string): Promise<ReadScript> {
  const parts = file.split('/').filter((part) => part !== '.');
  const wrong = parts.find((part) => part === '..' || !/^[\w.-]+$/.test(part));
  if (wrong !== undefined || parts.length === 0) {
    const message = `"${file}" is no path inside the folder of scripts. Write the way from that folder, of letters, digits, ".", "_" and "-" with "/" between: lib/dates.js.`;
    return { code: 'SCRIPT_OUTSIDE', message };
  }
  const name = parts.join('/');
  let real: string;
  try {
    real = await realpath(join(folder, ...parts));
  } catch {
    const message = `There is no file "${name}" in the folder of scripts, ${folder}. Check file, dependencies and location.`;
    return { code: 'SCRIPT_UNREADABLE', message };
  }
  if (!real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
    const message = `"${name}" is a link that leads out of the folder of scripts, ${folder}. Put the file itself there.`;
    return { code: 'SCRIPT_OUTSIDE', message };
  }
  return readText(name, real);
}

async function readText(name: string, path: string): Promise<ReadScript> {
  const unreadable = (why: string): ReadScript => ({
    code: 'SCRIPT_UNREADABLE',
    message: `The script "${name}" cannot be read: ${why}`,
  });
  try {
    const found = await stat(path);
    if (!found.isFile()) return unreadable('it is no regular file.');
    if (found.size > FILE_LIMIT)
      return unreadable(`it has more than ${FILE_LIMIT / 1024} KiB. Split it into dependencies.`);
    const bytes = await readFile(path);
    if (!isUtf8(bytes) || bytes.includes(0))
      return unreadable('it is not UTF-8 text. Save it as UTF-8.');
    return { name, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    return unreadable(
      `the operating system refuses it (${(error as NodeJS.ErrnoException).code}). Check its permissions.`,
    );
  }
}
