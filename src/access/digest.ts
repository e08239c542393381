import { type AuthValue, parseAuthHeader, quote } from './auth-header.ts';
import { type DigestAlgorithm, digestHash } from './digest-hash.ts';
import { createNonces } from './nonces.ts';
import type { DigestPlan } from './plan.ts';
import { refusal } from './refusal.ts';
import type { AccessRequest, CheckAccess } from './request.ts';
import { createComparison } from './same.ts';

/** What is offered, best first. */
const OFFERED = ['SHA-256', 'MD5'] as const satisfies readonly DigestAlgorithm[];

export interface DigestOptions {
  readonly now?: () => number;
  /** See `NonceOptions.key`. */
  readonly nonceKey?: Buffer;
}

/** RFC 7616 with qop=auth. A nonce lives five minutes, and each of its counts is good once. */
export function createDigestCheck(
  plan: DigestPlan,
  realm: string,
  { now = Date.now, nonceKey }: DigestOptions = {},
): CheckAccess {
  const isUsername = createComparison(plan.username());
  const secrets = new Map(
    OFFERED.map((algorithm) => [
      algorithm as string,
      { algorithm, hash: digestHash(algorithm, plan.username(), realm, plan.password()) },
    ]),
  );
  const nonces = createNonces({ lifetimeMs: 5 * 60_000, most: 10_000, now, key: nonceKey });

  const challenges = (stale: boolean): string[] =>
    OFFERED.map((algorithm) => {
      const parameters = `realm=${quote(realm)}, qop="auth", algorithm=${algorithm}, nonce="${nonces.issue()}", charset=UTF-8`;
      return `Digest ${parameters}${stale ? ', stale=true' : ''}`;
    });

  function answers(params: AuthValue['params'], request: AccessRequest): boolean {
    const field = (name: string): string => params.get(name) ?? '';
    const secret = secrets.get((params.get('algorithm') ?? 'MD5').toUpperCase());
    if (secret === undefined || field('qop') !== 'auth' || field('realm') !== realm) return false;
    if (!/^[\da-f]{8}$/i.test(field('nc')) || field('cnonce') === '') return false;
    if (!sameTarget(field('uri'), request.url ?? '')) return false;
    const { algorithm, hash } = secret;
    const wanted = digestHash(
      algorithm,
      hash,
      field('nonce'),
      field('nc'),
      field('cnonce'),
      'auth',
      digestHash(algorithm, request.method ?? '', field('uri')),
    );
    const known = [
      isUsername(usernameOf(params)),
      createComparison(wanted)(field('response').toLowerCase()),
    ];
    return known.every(Boolean);
  }

  return async function checkDigest(request) {
    const [credential] = parseAuthHeader(request.headers.authorization ?? '');
    if (credential?.scheme !== 'digest') {
      const message = 'This needs a user name and password: answer the Digest challenge.';
      return refusal('UNAUTHENTICATED', message, challenges(false));
    }
    const { params } = credential;
    if (!answers(params, request)) {
      const message =
        'The answer to the Digest challenge is not right: the user name or the password is wrong, or it was made for another request.';
      return refusal('UNAUTHENTICATED', message, challenges(false));
    }
    const count = Number.parseInt(params.get('nc') ?? '', 16);
    if (nonces.use(params.get('nonce') ?? '', count)) return undefined;
    const message = 'The nonce is too old or was used before. Answer the new challenge.';
    return refusal('UNAUTHENTICATED', message, challenges(true));
  };
}

/** A client behind a proxy may name the whole URI. */
function sameTarget(uri: string, url: string): boolean {
  if (uri === url) return true;
  return /^https?:\/\//i.test(uri) && uri.replace(/^https?:\/\/[^/?#]*/i, '') === url;
}

/** `username*=UTF-8''J%C3%A4n` is for names that a quoted string cannot hold. */
function usernameOf(params: AuthValue['params']): string {
  const extended = /^utf-8''(.*)$/i.exec(params.get('username*') ?? '')?.[1];
  if (extended === undefined) return fromLatin1(params.get('username') ?? '');
  try {
    return decodeURIComponent(extended);
  } catch {
    return '';
  }
}

/** Header text comes byte by byte; the bytes are UTF-8, as the challenge asks. */
const fromLatin1 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');
