import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** What an authenticator gives, as WebAuthn names it; all of `response` in base64url. */
export interface Credential {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    /** JSON with the challenge. */
    readonly clientDataJSON: string;
    /** CBOR, of a new passkey. */
    readonly attestationObject?: string;
    /** With the signature, of a login. */
    readonly authenticatorData?: string;
    readonly signature?: string;
  };
}

/** A passkey in software: a key on the curve P-256 that never leaves it, and no attestation. */
export interface Authenticator {
  register(challenge: string): Credential;
  logIn(challenge: string): Credential;
}

export const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

/** Before the two halves of a key on P-256 in CBOR, the bytes that say what it is. */
export const COSE_X = Buffer.from('a5010203262001215820', 'hex');
export const COSE_Y = Buffer.from('225820', 'hex');
/** Somebody is there, and it is the one whom the key belongs to. */
export const PRESENT_AND_VERIFIED = 0x05;
const WITH_KEY = 0x40;

/** @param host the host that the passkey is for, which is where the page of it lies, too */
export function createAuthenticator(host: string): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rawId = randomBytes(16);
  const id = rawId.toString('base64url');
  const base = { id, rawId: id, type: 'public-key' } as const;
  const clientData = (type: string, challenge: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin: `https://${host}`, crossOrigin: false }));
  const data = (flags: number, ...more: readonly Buffer[]): Buffer =>
    Buffer.concat([sha256(host), Buffer.from([flags, 0, 0, 0, 0]), ...more]);
  const text = (bytes: Buffer): string => bytes.toString('base64url');

  return {
    register(challenge) {
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const half = (value: string): Buffer => Buffer.from(value, 'base64url');
      const key = Buffer.concat([COSE_X, half(x), COSE_Y, half(y)]);
      const named = Buffer.concat([Buffer.alloc(16), Buffer.from([0, rawId.length]), rawId]);
      const authData = data(PRESENT_AND_VERIFIED + WITH_KEY, named, key);
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
        Buffer.from([0x58, authData.length]),
        authData,
      ]);
      const clientDataJSON = text(clientData('webauthn.create', challenge));
      return { ...base, response: { clientDataJSON, attestationObject: text(attestation) } };
    },
    logIn(challenge) {
      const client = clientData('webauthn.get', challenge);
      const authData = data(PRESENT_AND_VERIFIED);
      const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), privateKey);
      return {
        ...base,
        response: {
          clientDataJSON: text(client),
          authenticatorData: text(authData),
          signature: text(signature),
        },
      };
    },
  };
}
