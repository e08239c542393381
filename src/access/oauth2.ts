import { bearerToken, quote } from './auth-header.ts';
import { createFetchJson, type FetchJson } from './fetch-json.ts';
import type { VerifyToken } from './jwt.ts';
import { keepMetadata } from './kept.ts';
import type { OAuth2Plan } from './plan.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { CheckAccess } from './request.ts';
import { metadataUrl } from './resource-metadata.ts';

export interface OAuth2Options {
  readonly fetchJson?: FetchJson;
  readonly now?: () => number;
  /** The least time between two questions for metadata or keys; 30 seconds unless said. */
  readonly cooldownMs?: number;
  /** Seconds that clocks may differ; 30 unless said. */
  readonly toleranceSeconds?: number;
  /** 10 minutes unless said. */
  readonly keysMaxAgeMs?: number;
  /** Name the protected resource metadata in challenges; only where they are served (MCP). */
  readonly advertise?: boolean;
}

/** A resource server of OAuth 2.1: bearer tokens in the Authorization header, nowhere else. */
export function createOAuth2Check(
  plan: OAuth2Plan,
  realm: string,
  options: OAuth2Options = {},
): CheckAccess {
  const verify = createVerify(plan, options);
  const scope = plan.scopes.length === 0 ? [] : [`scope=${quote(plan.scopes.join(' '))}`];
  const advertised =
    options.advertise === true ? [`resource_metadata=${quote(metadataUrl(plan.resource))}`] : [];
  const challenge = (...parameters: readonly string[]): string[] => [
    `Bearer ${[`realm=${quote(realm)}`, ...parameters, ...advertised].join(', ')}`,
  ];

  function refuseToken(flaw: string): Refusal {
    const parameters = ['error="invalid_token"', `error_description=${quote(flaw)}`];
    return refusal(
      'UNAUTHENTICATED',
      `The access token is not accepted. ${flaw}`,
      challenge(...parameters),
    );
  }

  return async function checkOAuth2({ headers: { authorization } }, admit) {
    const token = bearerToken(authorization);
    if (token === undefined) {
      const message = `This needs an access token of ${plan.issuer}: send it as Authorization: Bearer.`;
      return refusal('UNAUTHENTICATED', message, challenge(...scope));
    }
    try {
      const { claims, flaw } = await verify(token);
      if (flaw !== undefined) return refuseToken(flaw);
      const scopes = grantedScopes(claims);
      const missing = plan.scopes.filter((each) => !scopes.has(each));
      if (missing.length === 0) {
        admit?.({ principal: principalOf(claims), scopes });
        return undefined;
      }
      return refusal(
        'SCOPE_INSUFFICIENT',
        `The access token lacks the scope ${missing.join(' ')}.`,
        challenge('error="insufficient_scope"', ...scope),
      );
    } catch (cause) {
      const message =
        'Access tokens cannot be checked: the authorization server gives no usable answer. Try again shortly.';
      return refusal('AUTHENTICATION_UNAVAILABLE', message, [], cause);
    }
  };
}

/** Made with the first request: what it needs is no use to a gateway without such tokens. */
function createVerify(plan: OAuth2Plan, options: OAuth2Options): VerifyToken {
  const settings = {
    fetchJson: options.fetchJson ?? createFetchJson(),
    now: options.now ?? Date.now,
    cooldownMs: options.cooldownMs ?? 30_000,
    toleranceSeconds: options.toleranceSeconds ?? 30,
    keysMaxAgeMs: options.keysMaxAgeMs ?? 600_000,
  };
  const metadata = keepMetadata(plan.issuer, settings);
  const make = async (): Promise<VerifyToken> => {
    if (plan.validation === 'introspection') {
      const { createIntrospection } = await import('./introspection.ts');
      return createIntrospection(plan, metadata, settings);
    }
    const { createVerifier } = await import('./jwt.ts');
    return createVerifier(plan, metadata, settings);
  };
  let made: Promise<VerifyToken> | undefined;
  return async (token) => {
    made ??= make();
    return (await made)(token);
  };
}

/** `scope` is one text in RFC 9068, `scp` a text or a list elsewhere. */
function grantedScopes(claims: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set(
    [claims.scope, claims.scp]
      .flat()
      .filter((item) => typeof item === 'string')
      .flatMap((item) => item.split(' ')),
  );
}

/** A user through one client is another than the same user through the next. */
function principalOf({ sub, client_id, azp }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([sub ?? null, client_id ?? azp ?? null]);
}
