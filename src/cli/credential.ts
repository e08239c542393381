import type { InboundPlan } from '../plan/inbound.ts';
import type { FacePlan } from '../plan/plan.ts';
import { type Piece, quote, type Word } from './shell.ts';

/** How a caller shows the credential of an expose: by variables that hold it, never by its value. */
export interface Credential {
  /** Words for curl, in groups. */
  readonly curl: readonly (readonly Word[])[];
  /** A query parameter, for whoever has no header for it. */
  readonly query?: readonly Piece[];
  /** What an MCP client sends; absent where it has no way to, or finds its own. */
  readonly header?: { readonly name: string; readonly value: readonly Piece[] };
  /** A command that has to run first. */
  readonly prepare?: string;
  /** What has to be there: `SHIPS_TOKEN set to its token`. */
  readonly needs: string;
}

type Protected = Pick<FacePlan, 'namespace' | 'face' | 'authentication' | 'credential'>;

/** undefined for an expose that everybody may call. */
export function credentialOf(plan: Protected): Credential | undefined {
  const { authentication } = plan;
  switch (authentication?.type) {
    case undefined:
      return undefined;
    case 'bearer': {
      const token = fieldOf(plan, 'token', 'TOKEN');
      return byHeader('Authorization', ['Bearer ', token], needing([[token, 'token']]));
    }
    case 'apikey':
      return byKey(plan, authentication);
    case 'basic':
    case 'digest':
      return byPassword(plan, authentication.type);
    case 'oauth2':
      return byToken(plan, authentication);
  }
}

/** The URL, with the key in its query where that is its place. */
export function withKey(url: string, credential: Credential | undefined): Word {
  if (credential?.query === undefined) return url;
  return [url + (url.includes('?') ? '&' : '?'), ...credential.query];
}

function byKey(plan: Protected, { key, placement }: InboundPlan & { type: 'apikey' }): Credential {
  const value = fieldOf(plan, 'value', 'KEY');
  const needs = needing([[value, 'API key']]);
  if (placement === 'header') return byHeader(key, [value], needs);
  return { curl: [], query: [`${encodeURIComponent(key)}=`, value], needs };
}

function byPassword(plan: Protected, type: 'basic' | 'digest'): Credential {
  const user = fieldOf(plan, 'username', 'USER');
  const password = fieldOf(plan, 'password', 'PASSWORD');
  const both: Word = [user, ':', password];
  const needs = needing([
    [user, 'user name'],
    [password, 'password'],
  ]);
  if (type === 'digest') return { curl: [['--digest', '-u', both]], needs };
  const variable = nameOf(plan, 'BASIC');
  return {
    curl: [['-u', both]],
    header: { name: 'Authorization', value: ['Basic ', { variable }] },
    prepare: `export ${variable}="$(printf %s ${quote(both)} | base64 | tr -d '\\n')"`,
    needs,
  };
}

/** Clients of MCP ask the authorization server by themselves. */
function byToken(
  plan: Protected,
  { issuer, audience, scopes }: InboundPlan & { type: 'oauth2' },
): Credential {
  const variable = nameOf(plan, 'TOKEN');
  const scope = scopes.length === 0 ? '' : ` with ${scopes.join(' ')}`;
  return {
    curl: [['-H', ['Authorization: Bearer ', { variable }]]],
    needs: `${variable} set to a token of ${issuer} for ${audience}${scope}`,
  };
}

const byHeader = (name: string, value: readonly Piece[], needs: string): Credential => ({
  curl: [['-H', [`${name}: `, ...value]]],
  header: { name, value },
  needs,
});

/** The variable that the file reads a field from, or one made up. */
function fieldOf(plan: Protected, field: string, ending: string): Piece {
  const fact = plan.credential?.[field];
  if (fact === undefined) return { variable: nameOf(plan, ending) };
  return 'text' in fact ? fact.text : fact;
}

const nameOf = ({ namespace, face }: Protected, ending: string): string =>
  `${namespace ?? face}_${ending}`
    .toUpperCase()
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_');

function needing(fields: readonly (readonly [piece: Piece, what: string])[]): string {
  const held = fields.filter(([piece]) => typeof piece !== 'string');
  const names = held.map(([piece]) => (piece as { readonly variable: string }).variable);
  return `${names.join(' and ')} set to its ${held.map(([, what]) => what).join(' and ')}`;
}
