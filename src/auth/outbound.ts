import type { OutboundPlan } from '../plan/outbound.ts';
import { type AuthContext, type FieldReader, readFields } from './field.ts';
import { readScopes } from './inbound.ts';

export type { OutboundPlan } from '../plan/outbound.ts';

/** A consumes block's authentication of type digest or oauth2; undefined when it cannot be honoured, which is reported. */
export function compileOutbound(
  authentication: Readonly<Record<string, unknown>> & { readonly type: 'digest' | 'oauth2' },
  pointer: string,
  context: AuthContext,
): OutboundPlan | undefined {
  const { type } = authentication;
  const fields = readFields(type, authentication, pointer, context);
  if (type === 'digest') {
    const [username, password] = [fields.text('username'), fields.secret('password')];
    if (username === undefined || password === undefined) return undefined;
    return { type, username, password: () => password };
  }
  const from = readPlace(fields);
  const [clientId, clientSecret] = [fields.text('clientId'), fields.secret('clientSecret')];
  const scopes = readScopes(authentication.scopes, fields, context);
  const audience = fields.has('audience') ? fields.text('audience') : undefined;
  const resource = fields.has('resource') ? fields.uri('resource') : undefined;
  if (from === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  if (scopes === undefined) return undefined;
  return {
    type,
    from,
    clientId,
    clientSecret: () => clientSecret,
    scopes,
    ...(audience === undefined ? {} : { audience }),
    ...(audience !== undefined || resource === undefined ? {} : { resource }),
  };
}

function readPlace(
  fields: FieldReader,
): { readonly tokenEndpoint: string } | { readonly issuer: string } | undefined {
  if (fields.has('tokenEndpoint') || !fields.has('authorizationServerUri')) {
    const tokenEndpoint = fields.uri('tokenEndpoint');
    return tokenEndpoint === undefined ? undefined : { tokenEndpoint };
  }
  const issuer = fields.uri('authorizationServerUri');
  return issuer === undefined ? undefined : { issuer };
}
