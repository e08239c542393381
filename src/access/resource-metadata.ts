import type { OAuth2Plan } from './plan.ts';

/** What `GET` of the well-known path of a protected resource answers, without a credential (RFC 9728). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

export function resourceMetadata({ resource, issuer, scopes }: OAuth2Plan): ResourceMetadata {
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
