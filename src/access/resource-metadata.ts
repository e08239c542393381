import type { OAuth2Plan } from './plan.ts';

/** What `GET` of the well-known path of a protected resource answers, without a credential (RFC 9728). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
}

export const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export function resourceMetadata({
  resource,
  issuer,
  scopes,
}: Pick<OAuth2Plan, 'resource' | 'issuer' | 'scopes'>): ResourceMetadata {
  return {
    resource,
    authorization_servers: [issuer],
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  };
}

/** The path it is served at: the resource's own path follows the well-known one. */
export const metadataPath = (resource: string): string =>
  WELL_KNOWN + new URL(resource).pathname.replace(/\/$/, '');

export const metadataUrl = (resource: string): string =>
  new URL(resource).origin + metadataPath(resource);

/**
 * The identifier of what is served at `path`: where the declared resource ends with one of `paths`,
 * all of which lead to the same expose, `path` stands in its place; any other covers them all.
 */
export function resourceAt(resource: string, path: string, paths: readonly string[]): string {
  const url = new URL(resource);
  const declared = url.pathname.replace(/\/$/, '');
  const [own] = paths
    .filter((each) => declared.endsWith(each))
    .sort((one, other) => other.length - one.length);
  if (own === undefined || own === path) return resource;
  url.pathname = declared.slice(0, -own.length) + path;
  return url.href;
}

/**
 * What a token for `resource` may be made out to. A client that asks for one spells the resource as
 * its URL library does. An audience of the author's own is the only one.
 */
export function audiencesOf(plan: OAuth2Plan, resource = plan.resource): readonly string[] {
  if (plan.audience !== plan.resource) return [plan.audience];
  return [...new Set([plan.resource, resource].flatMap(spellings))];
}

function spellings(uri: string): readonly string[] {
  const { href, origin } = new URL(uri);
  return href === `${origin}/` ? [uri, href, origin] : [uri, href];
}
