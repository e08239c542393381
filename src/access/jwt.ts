import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { ServerMetadata } from './discovery.ts';
import { type Kept, keep, type SourceOptions } from './kept.ts';
import type { OAuth2Plan } from './plan.ts';

/** Signatures that only the holder of a private key can make: never `none`, never a shared secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** What a verified token says, or in a few words why it is none. */
export type TokenVerdict =
  | { readonly claims: JWTPayload; readonly flaw?: undefined }
  | { readonly claims?: undefined; readonly flaw: string };

/** Whether a token is made out to one of the audiences. Rejects when the keys cannot be had. */
export type VerifyToken = (token: string, audiences: readonly string[]) => Promise<TokenVerdict>;

export interface VerifyOptions extends SourceOptions {
  /** Seconds that clocks may differ. */
  readonly toleranceSeconds: number;
  /** Keys older than this are fetched again, milliseconds. */
  readonly keysMaxAgeMs: number;
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

export function createVerifier(
  plan: OAuth2Plan,
  metadata: Kept<ServerMetadata>,
  options: VerifyOptions,
): VerifyToken {
  const keys = keep<KeySet>(async () => {
    const { jwksUri, issuer } = await metadata.get();
    if (jwksUri === undefined) throw new Error(`The metadata of ${issuer} names no jwks_uri.`);
    return fetchKeys(jwksUri, options);
  }, options);

  async function verify(token: string, audiences: readonly string[]): Promise<TokenVerdict> {
    const [keySet, { issuer }] = await Promise.all([keys.get(), metadata.get()]);
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keySet, {
        algorithms: ALGORITHMS,
        issuer: [...new Set([issuer, plan.issuer])],
        audience: [...audiences],
        clockTolerance: options.toleranceSeconds,
        requiredClaims: ['exp'],
        currentDate: new Date(options.now()),
      });
      if (!isAccessToken(protectedHeader.typ)) return { flaw: 'It is no access token.' };
      return { claims: payload };
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return { flaw: UNKNOWN_KEY };
      return { flaw: flawOf(error) };
    }
  }

  return async function verifyToken(token, audiences) {
    const { since } = keys;
    // A failed refresh keeps the old keys: a pause of the issuer is no pause of ours.
    if (since !== undefined && options.now() - since > options.keysMaxAgeMs) await keys.refresh();
    const verdict = await verify(token, audiences);
    if (verdict.flaw !== UNKNOWN_KEY || !(await keys.refresh())) return verdict;
    return verify(token, audiences);
  };
}

const UNKNOWN_KEY = 'It is signed with a key that the issuer does not publish.';

async function fetchKeys(url: string, { fetchJson }: SourceOptions): Promise<KeySet> {
  const { status, body } = await fetchJson(url);
  if (status !== 200) throw new Error(`${url} answered ${status}.`);
  return createLocalJWKSet(body as JSONWebKeySet);
}

/** RFC 9068 says at+jwt, many issuers say JWT or nothing; tokens for other ends say so. */
const isAccessToken = (typ: unknown): boolean =>
  typ === undefined || (typeof typ === 'string' && /^(?:application\/)?(?:at\+)?jwt$/i.test(typ));

function flawOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'It has expired.';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    switch (claim) {
      case 'iss':
        return 'It is of another issuer.';
      case 'aud':
        return 'It is for another audience.';
      case 'nbf':
        return 'It is not valid yet.';
      case 'exp':
        return reason === 'missing' ? 'It has no expiry.' : 'Its expiry cannot be read.';
      default:
        return 'Its claims are not valid.';
    }
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'It is signed in a way that is not accepted.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'Its signature is wrong.';
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'It does not say which of the keys signed it.';
  return 'It is no JSON Web Token that can be read.';
}
