import { createHmac } from 'node:crypto';
import { keyFor, seal, unseal } from '../sealed.ts';

/** Keeps what lies where others may read and write from being read, made up, or put in another's place. */
export interface Seal {
  /** A name that tells nothing of what it stands for. */
  name(text: string): string;
  /** @param name under which alone it can be opened */
  close(bytes: Buffer, name: string): Buffer;
  /** undefined for what this key has not closed under this name. */
  open(sealed: Buffer, name: string): Buffer | undefined;
}

/** @param key the secret that gateways share */
export function createSeal(key: string): Seal {
  const secret = keyFor('naftiko shared contents 1', key);
  const naming = keyFor('naftiko shared names 1', key);
  return {
    name: (text) => createHmac('sha256', naming).update(text).digest('base64url'),
    close: (bytes, name) => seal(bytes, Buffer.from(name), secret),
    open: (sealed, name) => unseal(sealed, Buffer.from(name), secret),
  };
}
