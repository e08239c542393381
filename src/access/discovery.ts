import type { FetchJson } from './fetch-json.ts';

/** What is used of an authorization server's metadata. */
export interface ServerMetadata {
  /** As the server spells it. */
  readonly issuer: string;
  readonly jwksUri?: string;
  readonly introspectionEndpoint?: string;
  readonly tokenEndpoint?: string;
}

/**
 * Where the metadata of an issuer may be, in the order they are tried: RFC 8414 inserts its name
 * before the issuer's path, OpenID Connect appends it, and some servers mix the two.
 */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  const [oauth, openid] = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `/.well-known/${name}`,
  ) as [string, string];
  return [
    ...new Set([
      origin + oauth + path,
      origin + openid + path,
      origin + path + openid,
      origin + path + oauth,
    ]),
  ];
}

/** @throws Error that says what was tried */
export async function discover(issuer: string, fetchJson: FetchJson): Promise<ServerMetadata> {
  const tried: string[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      const { status, body } = await fetchJson(url);
      const found = status === 200 ? readMetadata(body) : undefined;
      if (found === undefined) tried.push(`${url} answered ${status}, no metadata`);
      else if (!isSameIssuer(found.issuer, issuer)) tried.push(`${url} is of ${found.issuer}`);
      else if (isDowngraded(found, issuer)) tried.push(`${url} names addresses that are not https`);
      else return found;
    } catch (error) {
      const { message, cause } = error as Error;
      tried.push(`${url}: ${cause instanceof Error ? cause.message : message}`);
    }
  }
  throw new Error(`No metadata of the issuer ${issuer} was found: ${tried.join('; ')}.`);
}

/** Issuers are equal as texts; one slash at the end is forgiven. */
export const isSameIssuer = (one: string, other: string): boolean =>
  one.replace(/\/$/, '') === other.replace(/\/$/, '');

function readMetadata(body: unknown): ServerMetadata | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const text = (name: string): string | undefined => {
    const value = (body as Record<string, unknown>)[name];
    return typeof value === 'string' && /^https?:/i.test(value) && URL.canParse(value)
      ? value
      : undefined;
  };
  const issuer = text('issuer');
  if (issuer === undefined) return undefined;
  const [jwksUri, introspectionEndpoint, tokenEndpoint] = [
    text('jwks_uri'),
    text('introspection_endpoint'),
    text('token_endpoint'),
  ];
  return {
    issuer,
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(introspectionEndpoint === undefined ? {} : { introspectionEndpoint }),
    ...(tokenEndpoint === undefined ? {} : { tokenEndpoint }),
  };
}

function isDowngraded(found: ServerMetadata, issuer: string): boolean {
  if (!/^https:/i.test(issuer)) return false;
  return [found.jwksUri, found.introspectionEndpoint].some((url) => /^http:/i.test(url ?? ''));
}
