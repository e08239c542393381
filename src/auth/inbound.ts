import type { InboundPlan, OAuth2Plan } from '../access/plan.ts';
import { pointerOf } from '../document/source.ts';
import { type AuthContext, type FieldReader, readFields } from './field.ts';

/** What an expose demands of its callers; undefined when the block cannot be honoured, which is reported. */
export function compileInbound(
  authentication: unknown,
  pointer: string,
  context: AuthContext,
): InboundPlan | undefined {
  const block = (
    typeof authentication === 'object' && authentication !== null ? authentication : {}
  ) as Readonly<Record<string, unknown>>;
  const { type } = block;
  const fields = readFields(String(type), block, pointer, context);
  switch (type) {
    case 'basic':
    case 'digest':
      return compilePassword(type, fields);
    case 'bearer': {
      const token = fields.secret('token');
      if (token === undefined) return undefined;
      if (/\s/.test(token))
        return fields.refuse('token', 'A bearer token holds no spaces, so this one never arrives.');
      return { type, token: () => token };
    }
    case 'apikey':
      return compileApiKey(block, fields);
    case 'oauth2':
      return compileOAuth2(block, fields, context);
    default:
      context.report(
        'VALUE_NOT_ALLOWED',
        pointerOf(pointer, 'type'),
        `Authentication has no type ${JSON.stringify(type) ?? 'at all'}. Write basic, bearer, apikey, digest or oauth2.`,
      );
      return undefined;
  }
}

function compilePassword(type: 'basic' | 'digest', fields: FieldReader): InboundPlan | undefined {
  const [username, password] = [fields.text('username'), fields.secret('password')];
  if (username === undefined || password === undefined) return undefined;
  if (type === 'basic' && username.includes(':'))
    return fields.refuse(
      'username',
      'A user name of type basic holds no colon: what follows it would be read as the password.',
    );
  return { type, username: () => username, password: () => password };
}

function compileApiKey(
  block: Readonly<Record<string, unknown>>,
  fields: FieldReader,
): InboundPlan | undefined {
  // `name` and `in` are an older spelling.
  const key = fields.text(!fields.has('key') && fields.has('name') ? 'name' : 'key');
  const value = fields.secret('value');
  const field = fields.has('placement') ? 'placement' : 'in';
  const placement = block[field] ?? 'header';
  if (key === undefined || value === undefined) return undefined;
  if (placement !== 'header' && placement !== 'query')
    return fields.refuse(field, `An API key is placed in the header or in the query.`);
  if (placement === 'header' && !/^[\w!#$%&'*+.^`|~-]+$/.test(key))
    return fields.refuse('key', `"${key}" can be no header name.`);
  if (placement === 'header' && value !== value.trim())
    return fields.refuse(
      'value',
      'The API key begins or ends with a space, which a header cannot carry.',
    );
  return { type: 'apikey', key, value: () => value, placement };
}

function compileOAuth2(
  block: Readonly<Record<string, unknown>>,
  fields: FieldReader,
  context: AuthContext,
): OAuth2Plan | undefined {
  const [issuer, resource] = [fields.uri('authorizationServerUri'), fields.uri('resource')];
  const audience = fields.has('audience') ? fields.text('audience') : resource;
  const scopes = readScopes(block.scopes, fields, context)?.filter(isDemanded);
  const includes = readIncludes(block.scopeIncludes, fields, context);
  const validation = block.tokenValidation ?? 'jwks';
  if (validation !== 'jwks' && validation !== 'introspection')
    return fields.refuse('tokenValidation', 'Tokens are validated by jwks or by introspection.');
  // The endpoint tells nobody about a token but a client it knows.
  const client = validation === 'introspection' ? readClient(fields) : undefined;
  if (issuer === undefined || resource === undefined || audience === undefined) return undefined;
  if (includes === undefined || scopes === undefined) return undefined;
  if (validation === 'introspection' && client === undefined) return undefined;
  return {
    type: 'oauth2',
    issuer,
    resource,
    audience,
    scopes,
    ...(Object.keys(includes).length === 0 ? {} : { includes }),
    validation,
    ...(client === undefined ? {} : { client }),
  };
}

/** Whether a client gets a refresh token lies between it and the authorization server. */
export const isDemanded = (scope: string): boolean => scope !== 'offline_access';

/** undefined was reported. */
function readIncludes(
  written: unknown,
  fields: FieldReader,
  context: AuthContext,
): Readonly<Record<string, readonly string[]>> | undefined {
  const includes: Record<string, readonly string[]> = {};
  if (typeof written !== 'object' || written === null) return includes;
  for (const [scope, included] of Object.entries(written)) {
    const read = readScopes(included, fields, context);
    if (read === undefined) return undefined;
    includes[scope] = read;
  }
  return includes;
}

function readClient(fields: FieldReader): OAuth2Plan['client'] {
  const [id, secret] = [fields.text('clientId'), fields.secret('clientSecret')];
  return id === undefined || secret === undefined ? undefined : { id, secret: () => secret };
}

/** undefined was reported. */
export function readScopes(
  written: unknown,
  fields: FieldReader,
  { fill }: AuthContext,
): readonly string[] | undefined {
  if (written === undefined || written === null) return [];
  const scopes = (Array.isArray(written) ? written : [written]).map((scope, index) =>
    fill(String(scope), pointerOf(fields.pointer, 'scopes', index)),
  );
  const filled = scopes.filter((scope) => scope !== undefined);
  if (filled.length < scopes.length) return undefined;
  const wrong = filled.find((scope) => !isScope(scope));
  return wrong === undefined ? filled : fields.refuse('scopes', noScope(wrong));
}

/** Printable ASCII without space, quote and backslash (RFC 6749 section 3.3). */
export const isScope = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);

export const noScope = (text: string): string =>
  `${JSON.stringify(text)} can be no scope: scopes have no spaces, quotes or backslashes. Write one scope per item.`;
