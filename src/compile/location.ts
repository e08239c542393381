import { type Stats, statSync } from 'node:fs';
import { locate } from '../document/location.ts';
import type { Compilation } from './compilation.ts';

/**
 * The absolute path of a folder that a `location` names; undefined when a finding says why not. A
 * folder that is not there yet is only warned of: it may be mounted or written later.
 */
export function locateFolder(
  compilation: Compilation,
  location: string,
  pointer: string,
): string | undefined {
  const found = locatePath(compilation, location, pointer);
  if (found === undefined) return undefined;
  if (found.stats === undefined) {
    compilation.report(
      'LOCATION_MISSING',
      pointer,
      `There is no folder ${found.path}, so nothing of it is served until it is there. Make it, or correct the location.`,
    );
  } else if (!found.stats.isDirectory()) {
    compilation.report(
      'LOCATION_INVALID',
      pointer,
      `${found.path} is no folder, and a folder is expected here. Name the folder that holds the file.`,
    );
    return undefined;
  }
  return found.path;
}

/** Where a `location` leads, and what is there; undefined when it names no place for files. */
export function locatePath(
  compilation: Compilation,
  location: string,
  pointer: string,
): { readonly path: string; readonly stats: Stats | undefined } | undefined {
  const { path, scheme } = locate(location, compilation.source.path);
  if (path === undefined) {
    compilation.report(
      'LOCATION_INVALID',
      pointer,
      `A location of the scheme "${scheme}" is not served here. Write file:/// and the path, or file:///./ and the way from this file.`,
    );
    return undefined;
  }
  if (path.includes('\0')) {
    compilation.report('LOCATION_INVALID', pointer, 'A path cannot hold a NUL character.');
    return undefined;
  }
  try {
    return { path, stats: statSync(path, { throwIfNoEntry: false }) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    compilation.report(
      'LOCATION_INVALID',
      pointer,
      `${path} cannot be looked at (${code}). Correct the location, or let this user read it.`,
    );
    return undefined;
  }
}
