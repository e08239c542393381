import { bearerToken, isMalformedBearer, quote } from './auth-header.ts';
import { createFetchJson, type FetchJson } from './fetch-json.ts';
import type { VerifyToken } from './jwt.ts';
import { keepMetadata } from './kept.ts';
import type { OAuth2Plan } from './plan.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { AccessRequest, CheckAccess } from './request.ts';
import { audiencesOf } from './resource-metadata.ts';
import { grantedScopes, withIncluded } from './scopes.ts';

interface VerifyOptions {
  readonly fetchJson?: FetchJson;
  readonly now?: () => number;
  /** The least time between two questions for metadata or keys; 30 seconds unless said. */
  readonly cooldownMs?: number;
  /** Seconds that clocks may differ; 30 unless said. */
  readonly toleranceSeconds?: number;
  /** 10 minutes unless said. */
  readonly keysMaxAgeMs?: number;
}

export interface OAuth2Options extends VerifyOptions {
  /** One of several addresses of what is protected; the plan's resource when absent. */
  readonly at?: ProtectedAt;
  /** Checks tokens of the same plan elsewhere too, so that keys are fetched once. */
  readonly verify?: VerifyToken;
}

/** An address whose clients find out by themselves how to get in (MCP). */
export interface ProtectedAt {
  /** A token has to be made out to one of them. */
  readonly audiences: readonly string[];
  /** Where its metadata are, for challenges. */
  readonly metadataUrl: string;
  /** All scopes that mean something there. */
  readonly scopes: readonly string[];
}

/** A resource server of OAuth 2.1: bearer tokens in the Authorization header, nowhere else. */
export function createOAuth2Check(
  plan: OAuth2Plan,
  realm: string,
  options: OAuth2Options = {},
): CheckAccess {
  const { at, verify = createVerify(plan, options) } = options;
  const audiences = at?.audiences ?? audiencesOf(plan);
  const advertised = at === undefined ? [] : [`resource_metadata=${quote(at.metadataUrl)}`];
  const scope = scopeParameter(plan.scopes);
  const challenge = (...parameters: readonly string[]): string[] => [
    `Bearer ${[`realm=${quote(realm)}`, ...parameters, ...advertised].join(', ')}`,
  ];

  function refuseToken(flaw: string): Refusal {
    const parameters = ['error="invalid_token"', `error_description=${quote(flaw)}`, ...scope];
    return refusal(
      'UNAUTHENTICATED',
      `The access token is not accepted. ${flaw}`,
      challenge(...parameters),
    );
  }

  function refuseForm(why: string): Refusal {
    const parameters = ['error="invalid_request"', `error_description=${quote(why)}`];
    return refusal('REQUEST_INVALID', why, challenge(...parameters));
  }

  /** A client that asks for what the challenge names, and for nothing else, loses nothing it had. */
  function stepUp(granted: ReadonlySet<string>, needed: readonly string[]): Refusal {
    const held = withIncluded(granted, plan.includes);
    const missing = [...plan.scopes, ...needed].filter((each) => !held.has(each));
    const kept = (at?.scopes ?? []).filter((each) => granted.has(each));
    const all = [...new Set([...plan.scopes, ...kept, ...needed])];
    return refusal(
      'SCOPE_INSUFFICIENT',
      `The access token lacks the scope ${[...new Set(missing)].join(' ')}.`,
      challenge('error="insufficient_scope"', ...scopeParameter(all)),
    );
  }

  return async function checkOAuth2(request, admit) {
    const { authorization } = request.headers;
    if (at !== undefined && hasTokenInQuery(request))
      return refuseForm('An access token is not taken in the query: send it in Authorization.');
    if (isMalformedBearer(authorization))
      return refuseForm('Authorization: Bearer needs one access token after it, and nothing else.');
    const token = bearerToken(authorization);
    if (token === undefined) {
      const message = `This needs an access token of ${plan.issuer}: send it as Authorization: Bearer.`;
      return refusal('UNAUTHENTICATED', message, challenge(...scope));
    }
    try {
      const { claims, flaw } = await verify(token, audiences);
      if (flaw !== undefined) return refuseToken(flaw);
      const granted = grantedScopes(claims);
      const scopes = withIncluded(granted, plan.includes);
      if (!plan.scopes.every((each) => scopes.has(each))) return stepUp(granted, []);
      admit?.({
        principal: principalOf(claims),
        scopes,
        stepUp: (needed) => stepUp(granted, needed),
      });
      return undefined;
    } catch (cause) {
      const message =
        'Access tokens cannot be checked: the authorization server gives no usable answer. Try again shortly.';
      return refusal('AUTHENTICATION_UNAVAILABLE', message, [], cause);
    }
  };
}

/** Made with the first request: what it needs is no use to a gateway without such tokens. */
export function createVerify(plan: OAuth2Plan, options: VerifyOptions = {}): VerifyToken {
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
  return async (token, audiences) => {
    made ??= make();
    return (await made)(token, audiences);
  };
}

const scopeParameter = (scopes: readonly string[]): readonly string[] =>
  scopes.length === 0 ? [] : [`scope=${quote(scopes.join(' '))}`];

function hasTokenInQuery({ url = '' }: AccessRequest): boolean {
  const mark = url.indexOf('?');
  return mark !== -1 && new URLSearchParams(url.slice(mark + 1)).has('access_token');
}

/** A user through one client is another than the same user through the next. */
function principalOf({ sub, client_id, azp }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([sub ?? null, client_id ?? azp ?? null]);
}
