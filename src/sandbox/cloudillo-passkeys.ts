import { createPublicKey, verify } from 'node:crypto';
import { COSE_X, COSE_Y, type Credential, PRESENT_AND_VERIFIED, sha256 } from './authenticator.ts';
import {
  invalid,
  noPermission,
  notFound,
  ok,
  okWithoutId,
  refused,
  unauthorized,
} from './cloudillo-answers.ts';
import { loginOf, needAccount } from './cloudillo-credentials.ts';
import {
  type Account,
  isoTime,
  type Passkey,
  seconds,
  secretOf,
  type World,
} from './cloudillo-world.ts';
import { jsonObject } from './extract.ts';
import type { Call, Routes } from './service.ts';

const CHALLENGE_S = 120;

/**
 * Passkeys: challenges that are good for two minutes, and signatures that are checked. Those of the
 * documents are good once; the real server keeps none, since each comes back in a signed token.
 */
export function passkeyRoutes(world: World, owner: Account): Routes {
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

  /** What an authenticator answered to a challenge of ours. @throws Refusal for another or an old one */
  function answered(call: Call, type: 'webauthn.create' | 'webauthn.get'): Answered {
    const body = isReal
      ? jsonObject(call, { token: 'string', response: 'object', description: 'string?' })
      : jsonObject(call, { credential: 'object', name: 'string?' });
    const credential = (isReal ? body.response : body.credential) as Credential;
    const client = Buffer.from(String(credential.response?.clientDataJSON), 'base64url');
    const said = parsed(client.toString('utf8'));
    const text = String(said.challenge);
    if (isReal) {
      const meant = world.jwt.read(String(body.token));
      if (meant === undefined) throw unauthorized();
      if (meant.challenge !== text) throw noPermission();
    } else {
      const ends = open.get(text);
      open.delete(text);
      if (ends === undefined || ends <= seconds(world))
        throw invalid('Invalid or expired challenge');
    }
    if (said.type !== type || said.origin !== `https://${owner.idTag}`) throw noPermission();
    return { credential, client, label: String(body.description ?? body.name ?? 'Passkey') };
  }

  const shown = ({ id, name, createdAt }: Passkey): object =>
    isReal
      ? { credentialId: id, description: name }
      : { keyId: id, name, createdAt: isoTime(world, createdAt), lastUsedAt: isoTime(world) };

  return {
    'GET /api/auth/wa/reg': (call) =>
      okWithoutId(world, needAccount(world, call).passkeys.map(shown)),
    'GET /api/auth/wa/reg/challenge': (call) => {
      const { idTag } = needAccount(world, call);
      const text = challenge();
      const user = { id: Buffer.from(idTag).toString('base64url'), name: idTag };
      const rp = { id: idTag, name: isReal ? idTag : 'Cloudillo' };
      if (isReal)
        return okWithoutId(world, { options: { challenge: text, rp, user }, token: signed(text) });
      const flat = { rpId: rp.id, rpName: rp.name, userId: user.id, userName: user.name };
      return ok(world, { challenge: text, ...flat });
    },
    'POST /api/auth/wa/reg': (call) => {
      const { passkeys } = needAccount(world, call);
      const { credential, label } = answered(call, 'webauthn.create');
      const key = keyIn(credential, owner);
      if (key === undefined) throw noPermission();
      if (passkeys.some(({ id }) => id === credential.id))
        throw refused(500, 'E-CORE-DBERR', 'Internal server error');
      const passkey = { id: credential.id, name: label, key, createdAt: seconds(world) };
      passkeys.push(passkey);
      if (isReal) return okWithoutId(world, shown(passkey), 201);
      const createdAt = isoTime(world, passkey.createdAt);
      return ok(world, { keyId: passkey.id, name: label, createdAt });
    },
    'DELETE /api/auth/wa/reg/{key_id}': (call) => {
      const { passkeys } = needAccount(world, call);
      const at = passkeys.findIndex(({ id }) => id === call.params.key_id);
      if (at !== -1) passkeys.splice(at, 1);
      return ok(world, isReal ? null : 'ok');
    },
    'GET /api/auth/wa/login/challenge': () => {
      world.limit();
      const ids = owner.passkeys.map(({ id }) => id);
      if (isReal && ids.length === 0) throw notFound();
      const text = challenge();
      const allowCredentials = ids.map((id) => ({ type: 'public-key', id }));
      const options = { challenge: text, rpId: owner.idTag, allowCredentials };
      return okWithoutId(world, isReal ? { options, token: signed(text) } : options);
    },
    'POST /api/auth/wa/login': (call) => {
      world.limit();
      const { credential, client } = answered(call, 'webauthn.get');
      const passkey = owner.passkeys.find(({ id }) => id === credential.id);
      if (passkey === undefined || !isSigned(passkey, credential, client, owner))
        throw noPermission();
      return okWithoutId(world, loginOf(world, owner));
    },
  };
}

interface Answered {
  readonly credential: Credential;
  readonly client: Buffer;
  readonly label: string;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** Of the host, with somebody there whom the key belongs to. */
const isOfHost = (data: Buffer, { idTag }: Account): boolean =>
  data.subarray(0, 32).equals(sha256(idTag)) &&
  ((data[32] ?? 0) & PRESENT_AND_VERIFIED) === PRESENT_AND_VERIFIED;

/** The key in what came of registering, which is at its end; undefined where it is not all as it must be. */
function keyIn({ response }: Credential, owner: Account): Passkey['key'] | undefined {
  const attestation = Buffer.from(String(response.attestationObject), 'base64url');
  const data = attestation.subarray(attestation.indexOf('authData') + 'authData'.length + 2);
  const key = data.subarray(data.length - COSE_X.length - 32 - COSE_Y.length - 32);
  const y = key.subarray(COSE_X.length + 32);
  const isKey = key.indexOf(COSE_X) === 0 && y.indexOf(COSE_Y) === 0;
  if (!isOfHost(data, owner) || !isKey) return undefined;
  const half = (at: Buffer, from: number): string =>
    at.subarray(from, from + 32).toString('base64url');
  return { kty: 'EC', crv: 'P-256', x: half(key, COSE_X.length), y: half(y, COSE_Y.length) };
}

function isSigned(
  { key }: Passkey,
  { response }: Credential,
  client: Buffer,
  owner: Account,
): boolean {
  const data = Buffer.from(String(response.authenticatorData), 'base64url');
  const signature = Buffer.from(String(response.signature), 'base64url');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return (
    isOfHost(data, owner) &&
    verify('sha256', Buffer.concat([data, sha256(client)]), publicKey, signature)
  );
}
