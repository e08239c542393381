import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

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

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a key derived by HKDF, as base64url. */
export function createSeal({ key, purpose, largest }: SealOptions): Seal {
  const secret =
    key === undefined ? randomBytes(32) : Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
  const longest = Math.ceil(((largest + NONCE_BYTES + TAG_BYTES) * 4) / 3);
  return {
    close(bytes, bound) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(bound);
      const sealed = [nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(sealed).toString('base64url');
    },
    open(text, bound) {
      if (text.length > longest) return undefined;
      const sealed = Buffer.from(text, 'base64url');
      // Node reads over characters and bits that mean nothing; what is sealed is one text only.
      if (sealed.toString('base64url') !== text) return undefined;
      if (sealed.length <= NONCE_BYTES + TAG_BYTES) return undefined;
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(bound);
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([
          decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
          decipher.final(),
        ]);
      } catch {
        return undefined;
      }
    },
  };
}
