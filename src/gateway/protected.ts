import { createAccessCheck } from '../access/check.ts';
import type { VerifyToken } from '../access/jwt.ts';
import { createVerify } from '../access/oauth2.ts';
import {
  audiencesOf,
  metadataPath,
  metadataUrl,
  type ResourceMetadata,
  resourceAt,
  resourceMetadata,
  WELL_KNOWN,
} from '../access/resource-metadata.ts';
import type { OAuth2Plan } from '../plan/inbound.ts';
import type { McpPlan } from '../plan/plan.ts';
import type { Checks } from './access.ts';
import type { McpEndpoint, Offer } from './endpoints.ts';
import type { Merged } from './merge.ts';

/** Who may use the endpoint of a path: exposes that share one let in the same callers. */
export type EndpointAccess = (
  path: string,
  plan: McpPlan,
  offer: Offer,
) => Pick<McpEndpoint, 'check' | 'metadata'>;

/** Each endpoint is a resource of its own, for which clients get tokens; the keys are fetched once. */
export function createEndpointAccess(
  { mount }: Pick<Merged, 'mount'>,
  checks: Checks,
): EndpointAccess {
  const paths = ['/mcp', ...mount.mcp.map(({ plan }) => `/${plan.namespace}/mcp`)];
  const verifiers = new Map<OAuth2Plan, VerifyToken>();
  return function accessTo(path, plan, offer) {
    const { authentication } = plan;
    if (authentication?.type !== 'oauth2') return { check: checks.get(plan) };
    const verify = verifiers.get(authentication) ?? createVerify(authentication);
    verifiers.set(authentication, verify);
    const resource = resourceAt(authentication.resource, path, paths);
    const scopes = [...new Set([...authentication.scopes, ...scopesOf(offer)])];
    const at = {
      audiences: audiencesOf(authentication, resource),
      metadataUrl: metadataUrl(resource),
      scopes,
    };
    return {
      check: createAccessCheck(authentication, { at, verify }),
      metadata: resourceMetadata({ resource, issuer: authentication.issuer, scopes }),
    };
  };
}

const scopesOf = ({ tools, resources, prompts }: Offer): readonly string[] =>
  [...tools, ...resources, ...prompts].flatMap(({ scopes = [] }) => scopes);

/**
 * The documents by which MCP clients find the authorization server (RFC 9728), by path: below that
 * of each endpoint, where its identifier says, and at the root where only one can be meant.
 */
export function metadataDocuments(
  endpoints: ReadonlyMap<string, McpEndpoint>,
): ReadonlyMap<string, string> {
  const documents = new Map<string, string>();
  const guarded = [...endpoints].flatMap(([path, { metadata }]) =>
    metadata === undefined ? [] : [[path, metadata] as const],
  );
  const add = (path: string, metadata: ResourceMetadata | undefined): void => {
    if (metadata !== undefined && !documents.has(path))
      documents.set(path, JSON.stringify(metadata));
  };
  for (const [path, metadata] of guarded) add(WELL_KNOWN + path, metadata);
  for (const [, metadata] of guarded) add(metadataPath(metadata.resource), metadata);
  const single = guarded.length === 1 ? guarded[0]?.[1] : undefined;
  add(WELL_KNOWN, endpoints.has('/mcp') ? endpoints.get('/mcp')?.metadata : single);
  return documents;
}
