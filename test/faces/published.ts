import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Faces, type FacesOptions, facesOf } from './pairs.ts';

export interface PublishedFaces {
  /** Paths of the YAML files, in order; none when the folder is not here. */
  readonly files: readonly string[];
  /** undefined for a file that exposes nothing. */
  readonly read: (file: string) => Promise<Faces | undefined>;
}

/** Files that other people published. @param folder of those that lie beside the clone */
export function readFaces(folder: string, options: FacesOptions): PublishedFaces {
  const path = join(import.meta.dirname, '../../../shared', folder);
  const names = existsSync(path)
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()
    : [];
  return {
    files: names.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name)),
    async read(file) {
      const text = readFileSync(file, 'utf8');
      return /^\s*exposes:/m.test(text) ? facesOf(file, text, options) : undefined;
    },
  };
}
