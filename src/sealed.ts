import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Bytes by which what is sealed is longer than what it holds. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** A key of 32 bytes for one purpose alone, by HKDF (RFC 5869) of a secret that several gateways share. */
export const keyFor = (purpose: string, secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));

/** A key that is of this process alone. */
export const ownKey = (): Buffer => randomBytes(KEY_BYTES);

/**
 * AES-256-GCM: nonce, text, tag.
 * @param bound what it is worth something for; opening takes the same
 */
export function seal(bytes: Buffer, bound: Buffer, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound);
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined for whatever was not sealed with this key, or for something else. */
export function unseal(sealed: Buffer, bound: Buffer, key: Buffer): Buffer | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]);
  } catch {
    return undefined;
  }
}
