import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  isoTime,
  loginOf,
  needAccount,
  notFound,
  ok,
  type Passkey,
  refused,
  seconds,
  secretOf,
  type World,
} from './cloudillo-world.ts';
import { jsonObject } from './extract.ts';
import type { Call, Routes } from './service.ts';

/** What an authenticator gives, as WebAuthn names it. */
export interface Credential {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  readonly response: {
    /** base64url of JSON with the challenge. */
    readonly clientDataJSON: string;
    /** Here: the public key alone, SPKI DER in base64url. */
    readonly attestationObject?: string;
    readonly authenticatorData?: string;
    readonly signature?: string;
  };
}

const CHALLENGE_S = 120;

/** Passkeys: challenges that are good once and for two minutes, and signatures that are checked. */
export function passkeyRoutes(world: World): Routes {
  const isReal = world.mode === 'real';
  const open = new Map<string, number>();

  function challenge(): string {
    const text = secretOf(world);
    open.set(text, seconds(world) + CHALLENGE_S);
    return text;
  }

  const signed = (text: string): string => {
    const token = world.jwt.sign({ challenge: text, exp: seconds(world) + CHALLENGE_S });
    world.secrets.add(token);
    return token;
  };

  /** @throws Refusal 400 for a challenge that was not given, was used, or is too old */
  function answered(
    call: Call,
    named: 'description' | 'name',
  ): { readonly credential: Credential; readonly label: string } {
    const body = isReal
      ? jsonObject(call, { token: 'string', response: 'object', description: 'string?' })
      : jsonObject(call, { credential: 'object', name: 'string?' });
    const credential = (isReal ? body.response : body.credential) as Credential;
    const data = Buffer.from(String(credential.response?.clientDataJSON), 'base64url').toString(
      'utf8',
    );
    const text = /"challenge":"([^"]+)"/.exec(data)?.[1] ?? '';
    const ends = open.get(text);
    open.delete(text);
    const meant = isReal ? world.jwt.read(String(body.token))?.challenge : text;
    if (ends === undefined || ends <= seconds(world) || meant !== text)
      throw refused(400, 'E-VAL-INVALID', 'Invalid or expired challenge');
    return { credential, label: String(body[named] ?? 'Passkey') };
  }

  const shown = ({ id, name, createdAt }: Passkey): object =>
    isReal
      ? { credentialId: id, description: name }
      : { keyId: id, name, createdAt: isoTime(world, createdAt), lastUsedAt: isoTime(world) };

  return {
    'GET /api/auth/wa/reg': (call) => ok(world, needAccount(world, call).passkeys.map(shown)),
    'GET /api/auth/wa/reg/challenge': (call) => {
      const { idTag } = needAccount(world, call);
      const text = challenge();
      const user = { id: Buffer.from(idTag).toString('base64url'), name: idTag };
      const rp = { id: 'example.com', name: 'Cloudillo' };
      if (isReal)
        return ok(world, {
          options: { publicKey: { challenge: text, rp, user } },
          token: signed(text),
        });
      const flat = { rpId: rp.id, rpName: rp.name, userId: user.id, userName: user.name };
      return ok(world, { challenge: text, ...flat });
    },
    'POST /api/auth/wa/reg': (call) => {
      const { passkeys } = needAccount(world, call);
      const { credential, label } = answered(call, isReal ? 'description' : 'name');
      const publicKey = String(credential.response.attestationObject);
      const passkey = { id: credential.id, name: label, publicKey, createdAt: seconds(world) };
      passkeys.push(passkey);
      const { createdAt } = passkey;
      const documented = { keyId: passkey.id, name: label, createdAt: isoTime(world, createdAt) };
      return ok(world, isReal ? shown(passkey) : documented, isReal ? 201 : 200);
    },
    'DELETE /api/auth/wa/reg/{key_id}': (call) => {
      const { passkeys } = needAccount(world, call);
      const at = passkeys.findIndex(({ id }) => id === call.params.key_id);
      if (at !== -1) passkeys.splice(at, 1);
      return ok(world, isReal ? null : 'ok');
    },
    'GET /api/auth/wa/login/challenge': () => {
      const ids = [...world.accounts.values()].flatMap(({ passkeys }) =>
        passkeys.map(({ id }) => id),
      );
      if (isReal && ids.length === 0) throw notFound();
      const text = challenge();
      const allowCredentials = ids.map((id) => ({ type: 'public-key', id }));
      const flat = { challenge: text, rpId: 'example.com', allowCredentials };
      return ok(world, isReal ? { options: { publicKey: flat }, token: signed(text) } : flat);
    },
    'POST /api/auth/wa/login': (call) => {
      world.limit();
      const { credential } = answered(call, 'name');
      for (const account of world.accounts.values()) {
        const passkey = account.passkeys.find(({ id }) => id === credential.id);
        if (passkey !== undefined && isSigned(passkey, credential))
          return ok(world, loginOf(world, account));
      }
      throw refused(403, 'E-AUTH-NOPERM', 'You have no permission to access this resource');
    },
  };
}

function isSigned({ publicKey }: Passkey, { response }: Credential): boolean {
  const { clientDataJSON, authenticatorData = '', signature = '' } = response;
  const data = Buffer.concat([
    Buffer.from(authenticatorData, 'base64url'),
    createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest(),
  ]);
  const key = createPublicKey({
    key: Buffer.from(publicKey, 'base64url'),
    format: 'der',
    type: 'spki',
  });
  return verify(null, data, key, Buffer.from(signature, 'base64url'));
}
