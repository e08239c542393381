import { randomBytes } from 'node:crypto';
import { parseAuthHeader, quote } from './auth-header.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm, digestHash } from './digest-hash.ts';

export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** Path and query as they are sent. */
  readonly uri: string;
  /** Hashed only where the server asks for `auth-int`. */
  readonly body?: string | Buffer | undefined;
  /** How often the nonce has been used, this time included; 1 unless said. */
  readonly count?: number;
  /** Random unless said. */
  readonly cnonce?: string;
}

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly algorithm: DigestAlgorithm;
  /** Hash the session's nonces in, as `-sess` algorithms do. */
  readonly session: boolean;
  /** undefined for a server that knows RFC 2069 only. */
  readonly qop?: 'auth' | 'auth-int';
  readonly userhash: boolean;
  /** The algorithm as the server spells it; undefined when it names none. */
  readonly spelled?: string;
  /** The last answer was right but its nonce too old. */
  readonly stale: boolean;
}

/**
 * The `Authorization` value that answers a `WWW-Authenticate` value (several joined by commas are
 * fine); undefined when it holds no Digest challenge that can be answered.
 */
export function digestAuthorization(challenge: string, request: DigestRequest): string | undefined {
  const best = readDigestChallenge(challenge);
  return best === undefined ? undefined : answerDigest(best, request);
}

/** The challenge with the best algorithm. */
export function readDigestChallenge(header: string): DigestChallenge | undefined {
  const order = Object.keys(DIGEST_ALGORITHMS) as DigestAlgorithm[];
  return parseAuthHeader(header)
    .filter(({ scheme }) => scheme === 'digest')
    .map(({ params }) => readOne(params))
    .filter((found) => found !== undefined)
    .sort((one, other) => order.indexOf(one.algorithm) - order.indexOf(other.algorithm))[0];
}

function readOne(params: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const [realm, nonce, spelled] = ['realm', 'nonce', 'algorithm'].map((name) => params.get(name));
  const [, name = '', session] = /^(.*?)(-sess)?$/.exec((spelled ?? 'MD5').toUpperCase()) ?? [];
  const algorithm = Object.keys(DIGEST_ALGORITHMS).find(
    (known): known is DigestAlgorithm => known === name.replace(/-SESS$/, ''),
  );
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  const offered = params
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  const qop = (['auth', 'auth-int'] as const).find((known) => offered?.includes(known));
  if (offered !== undefined && qop === undefined) return undefined;
  const opaque = params.get('opaque');
  return {
    realm,
    nonce,
    algorithm,
    session: session !== undefined,
    userhash: params.get('userhash')?.toLowerCase() === 'true',
    stale: params.get('stale')?.toLowerCase() === 'true',
    ...(qop === undefined ? {} : { qop }),
    ...(opaque === undefined ? {} : { opaque }),
    ...(spelled === undefined ? {} : { spelled }),
  };
}

export function answerDigest(challenge: DigestChallenge, request: DigestRequest): string {
  const { realm, nonce, algorithm, qop, opaque, spelled, userhash } = challenge;
  const { username, password, method, uri, body = '' } = request;
  const cnonce = request.cnonce ?? randomBytes(16).toString('base64url');
  const count = (request.count ?? 1).toString(16).padStart(8, '0');
  const hash = (...parts: readonly (string | Buffer)[]) => digestHash(algorithm, ...parts);

  const user = hash(username, realm, password);
  const first = challenge.session ? hash(user, nonce, cnonce) : user;
  const second = qop === 'auth-int' ? hash(method, uri, hash(body)) : hash(method, uri);
  const response =
    qop === undefined ? hash(first, nonce, second) : hash(first, nonce, count, cnonce, qop, second);

  return `Digest ${[
    ...usernameField(userhash ? hash(username, realm) : username),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    ...(spelled === undefined ? [] : [`algorithm=${spelled}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${count}`]),
    ...(qop === undefined && !challenge.session ? [] : [`cnonce=${quote(cnonce)}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(userhash ? ['userhash=true'] : []),
  ].join(', ')}`;
}

/** A name outside ASCII needs the form that says its encoding. */
function usernameField(username: string): string[] {
  if (/^[\x20-\x7e]*$/.test(username)) return [`username=${quote(username)}`];
  const encoded = encodeURIComponent(username).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return [`username*=UTF-8''${encoded}`];
}
