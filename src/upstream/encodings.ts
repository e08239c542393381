import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** A content coding, undone piece by piece or at one go. `first` begins the encoded body. */
export interface Coding {
  readonly stream: (first: Buffer | undefined) => Transform;
  readonly whole: (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
}

const NO_CODINGS = { codings: [] };

/** An answer may be encoded more than once; this often no honest one is. */
const MOST_ENCODINGS = 4;

// RFC 9659: the window that a `zstd` content coding may ask for is 8 MiB.
const ZSTD_WINDOW_LOG = 23;

const gzip: Coding = { stream: () => zlib.createGunzip(), whole: zlib.gunzipSync };

const CODINGS: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: {
    stream: (first) => (isBare(first) ? zlib.createInflateRaw() : zlib.createInflate()),
    whole: (body, options) =>
      isBare(body) ? zlib.inflateRawSync(body, options) : zlib.inflateSync(body, options),
  },
  br: { stream: () => zlib.createBrotliDecompress(), whole: zlib.brotliDecompressSync },
  ...zstdCoding(),
};

export function codingOf(name: string): Coding {
  return CODINGS[name] as Coding;
}

/** The `Accept-Encoding` of this Node, best first by what upstreams commonly have. */
export const ACCEPT_ENCODING = ['gzip', 'br', 'zstd']
  .filter((coding) => Object.hasOwn(CODINGS, coding))
  .join(', ');

/**
 * The codings of a `Content-Encoding` in the order they were applied; none for `identity`.
 * `unknown` names the first that cannot be undone.
 */
export function readContentEncoding(header: string | readonly string[] | undefined): {
  readonly codings: readonly string[];
  readonly unknown?: string;
} {
  if (header === undefined) return NO_CODINGS;
  const codings = String(header)
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const unknown = codings.find((coding) => !Object.hasOwn(CODINGS, coding));
  if (unknown !== undefined) return { codings, unknown: printable(unknown) };
  if (codings.length > MOST_ENCODINGS) return { codings, unknown: printable(codings.join(', ')) };
  return { codings };
}

// `deflate` means zlib's format, but some servers send the bare one, without its header.
function isBare(first: Buffer | undefined): boolean {
  return first !== undefined && ((first[0] ?? 0) & 0x0f) !== 8;
}

/** Node has zstd from 22.15 on; the types are those of the oldest Node we run on. */
function zstdCoding(): Record<string, Coding> {
  type Options = { params: Record<number, number>; maxOutputLength?: number };
  const newer = zlib as unknown as {
    createZstdDecompress?: (options: Options) => Transform;
    zstdDecompressSync?: (body: Buffer, options: Options) => Buffer;
    constants: { ZSTD_d_windowLogMax?: number };
  };
  const { createZstdDecompress, zstdDecompressSync } = newer;
  const windowLogMax = newer.constants.ZSTD_d_windowLogMax;
  if (!createZstdDecompress || !zstdDecompressSync || windowLogMax === undefined) return {};
  const params = { [windowLogMax]: ZSTD_WINDOW_LOG };
  return {
    zstd: {
      stream: () => createZstdDecompress({ params }),
      whole: (body, options) => zstdDecompressSync(body, { ...options, params }),
    },
  };
}

/** An upstream's own words, made fit to be shown. */
function printable(text: string): string {
  return text.replace(/[^\x21-\x7e ]/g, '?').slice(0, 40);
}
