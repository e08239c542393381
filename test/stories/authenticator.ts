import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Credential } from '../../src/sandbox/cloudillo-passkeys.ts';

/** A passkey in software, for the sandbox: a key that never leaves it. */
export interface Authenticator {
  register(challenge: string): Credential;
  logIn(challenge: string): Credential;
}

export function createAuthenticator(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const id = randomBytes(16).toString('base64url');
  const base = { id, rawId: id, type: 'public-key' } as const;
  const clientData = (type: string, challenge: string): string =>
    Buffer.from(JSON.stringify({ type, challenge, origin: 'https://example.com' })).toString(
      'base64url',
    );
  return {
    register: (challenge) => ({
      ...base,
      response: {
        clientDataJSON: clientData('webauthn.create', challenge),
        attestationObject: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
      },
    }),
    logIn(challenge) {
      const clientDataJSON = clientData('webauthn.get', challenge);
      const authenticatorData = randomBytes(37);
      const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
      const signature = sign(null, Buffer.concat([authenticatorData, hash]), privateKey);
      return {
        ...base,
        response: {
          clientDataJSON,
          authenticatorData: authenticatorData.toString('base64url'),
          signature: signature.toString('base64url'),
        },
      };
    },
  };
}
