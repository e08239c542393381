import { createHash } from 'node:crypto';

/** Digest algorithms by their names in RFC 7616, best first, each with that of node:crypto. */
export const DIGEST_ALGORITHMS = {
  'SHA-512-256': 'sha512-256',
  'SHA-256': 'sha256',
  MD5: 'md5',
} as const;

export type DigestAlgorithm = keyof typeof DIGEST_ALGORITHMS;

export function digestHash(algorithm: DigestAlgorithm, ...parts: readonly (string | Buffer)[]) {
  const hash = createHash(DIGEST_ALGORITHMS[algorithm]);
  parts.forEach((part, index) => {
    if (index > 0) hash.update(':');
    hash.update(part);
  });
  return hash.digest('hex');
}
