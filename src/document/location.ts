import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { percentDecoded } from '../percent.ts';

export type Location =
  | { readonly path: string; readonly scheme?: undefined }
  | { readonly path?: undefined; readonly scheme: string };

/**
 * The file that a `location` names. `file:///./x`, `file:///../x`, `file://./x`, `file:./x` and a bare
 * `./x` are relative to the folder of the capability file; `file:///x` is absolute. Another scheme is
 * handed back by name.
 */
export function locate(location: string, capabilityFile: string): Location {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'file') return { scheme };
  const folder = dirname(capabilityFile);
  if (scheme === undefined) return { path: resolve(folder, location) };
  const rest = location.slice('file:'.length);
  const relative = /^(?:\/\/\/?)?(\.{1,2}(?:\/.*)?)$/.exec(rest)?.[1];
  if (relative !== undefined) return { path: resolve(folder, percentDecoded(relative)) };
  if (!rest.startsWith('/')) return { path: resolve(folder, percentDecoded(rest)) };
  try {
    return { path: fileURLToPath(location) };
  } catch {
    // file://host/x names a file of another machine.
    return { scheme: `file://${rest.slice(2).split('/')[0] ?? ''}` };
  }
}
