import type { FileHandle } from 'node:fs/promises';

/** One file on its way into an archive. */
export interface ZipSource {
  /** The way from the root of the archive, `/` between the parts. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Opened when its turn comes, and closed here; undefined leaves the file out. */
  open(): Promise<FileHandle | undefined>;
}

const CHUNK = 64 * 1024;

/** A ZIP archive piece by piece, in constant memory: the next piece is made when it is asked for. */
export async function* zipped(sources: Iterable<ZipSource>): AsyncGenerator<Uint8Array> {
  const { Zip, ZipDeflate } = await import('fflate');
  const made: Uint8Array[] = [];
  let failed: Error | undefined;
  const archive = new Zip((error, piece) => {
    if (error !== null) failed = error;
    else made.push(piece);
  });
  const take = (): Uint8Array[] => {
    if (failed !== undefined) throw failed;
    return made.splice(0);
  };
  for (const { path, modified, open } of sources) {
    const handle = await open();
    if (handle === undefined) continue;
    try {
      const entry = new ZipDeflate(path);
      entry.mtime = withinZip(modified);
      archive.add(entry);
      const chunk = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, CHUNK);
        entry.push(Uint8Array.from(chunk.subarray(0, bytesRead)), bytesRead === 0);
        yield* take();
        if (bytesRead === 0) break;
      }
    } finally {
      await handle.close();
    }
  }
  archive.end();
  yield* take();
}

/** The format knows the years 1980 to 2099 only. */
const withinZip = (modified: number): number =>
  Math.min(Math.max(modified, Date.UTC(1980, 0, 2)), Date.UTC(2099, 11, 30));
