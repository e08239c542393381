import { isSameIssuer, type ServerMetadata } from './discovery.ts';
import type { TokenVerdict, VerifyToken } from './jwt.ts';
import type { Kept, SourceOptions } from './kept.ts';
import type { OAuth2Plan } from './plan.ts';

export interface IntrospectionOptions extends SourceOptions {
  readonly toleranceSeconds: number;
}

/** Asks the authorization server about each token (RFC 7662). An answer is never kept: it may be revoked. */
export function createIntrospection(
  plan: OAuth2Plan,
  metadata: Kept<ServerMetadata>,
  { fetchJson, now, toleranceSeconds }: IntrospectionOptions,
): VerifyToken {
  const { client } = plan;
  return async function introspect(token, audiences) {
    const { introspectionEndpoint, issuer } = await metadata.get();
    if (introspectionEndpoint === undefined)
      throw new Error(`The metadata of ${issuer} names no introspection_endpoint.`);
    const { status, body } = await fetchJson(introspectionEndpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(client === undefined
          ? {}
          : { authorization: clientAuthorization(client.id, client.secret()) }),
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    });
    if (status !== 200 || typeof body !== 'object' || body === null)
      throw new Error(`${introspectionEndpoint} answered ${status}.`);
    const claims = body as Record<string, unknown>;
    const flaw = flawOf(claims, audiences, issuer, now() / 1000, toleranceSeconds);
    return flaw === undefined ? ({ claims } as TokenVerdict) : { flaw };
  };
}

/** The credential of a client, each part form-encoded first as RFC 6749 section 2.3.1 wants. */
export function clientAuthorization(id: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}

function flawOf(
  { active, iss, aud, exp, nbf }: Record<string, unknown>,
  audiences: readonly string[],
  issuer: string,
  seconds: number,
  tolerance: number,
): string | undefined {
  if (active !== true) return 'It is not active.';
  if (iss !== undefined && !(typeof iss === 'string' && isSameIssuer(iss, issuer)))
    return 'It is of another issuer.';
  // Without one it may have been meant for anybody.
  if (![aud].flat().some((each) => audiences.includes(each as string)))
    return 'It is for another audience.';
  if (exp !== undefined && !(Number(exp) + tolerance > seconds)) return 'It has expired.';
  if (nbf !== undefined && !(Number(nbf) - tolerance <= seconds)) return 'It is not valid yet.';
  return undefined;
}
