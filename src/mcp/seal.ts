import { keyFor, ownKey, SEAL_BYTES, seal, unseal } from '../sealed.ts';

/** Encrypts what is given into foreign hands, so that it comes back as it was or not at all. */
export interface Seal {
  /** @param bound what it is worth something for; opening takes the same */
  close(bytes: Buffer, bound: Buffer): string;
  /** Undefined for whatever this seal did not close, or for something else. */
  open(text: string, bound: Buffer): Buffer | undefined;
}

export interface SealOptions {
  /** A secret that several gateways share; one of this process alone when undefined. */
  readonly key: string | undefined;
  /** Sets what one purpose seals apart from what others do. */
  readonly purpose: string;
  /** Bytes of the most that is sealed. */
  readonly largest: number;
}

/** Seals as base64url. */
export function createSeal({ key, purpose, largest }: SealOptions): Seal {
  const secret = key === undefined ? ownKey() : keyFor(purpose, key);
  const longest = Math.ceil(((largest + SEAL_BYTES) * 4) / 3);
  return {
    close: (bytes, bound) => seal(bytes, bound, secret).toString('base64url'),
    open(text, bound) {
      if (text.length > longest) return undefined;
      const sealed = Buffer.from(text, 'base64url');
      // Node reads over characters and bits that mean nothing; what is sealed is one text only.
      return sealed.toString('base64url') === text ? unseal(sealed, bound, secret) : undefined;
    },
  };
}
