import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Keeps what lies where others may read and write from being read, made up, or put in another's place. */
export interface Seal {
  /** A name that tells nothing of what it stands for. */
  name(text: string): string;
  /** @param name under which alone it can be opened */
  close(bytes: Buffer, name: string): Buffer;
  /** undefined for what this key has not closed under this name. */
  open(sealed: Buffer, name: string): Buffer | undefined;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param key the secret that gateways share */
export function createSeal(key: string): Seal {
  const secret = derived(key, 'naftiko shared contents 1');
  const naming = derived(key, 'naftiko shared names 1');
  return {
    name: (text) => createHmac('sha256', naming).update(text).digest('base64url'),
    close(bytes, name) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(name));
      return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, name) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(name));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([opened, decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

const derived = (key: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
