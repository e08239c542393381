import type { Body } from './body.ts';
import type { Received } from './check.ts';
import { credentialPlace } from './credential.ts';
import type { Match } from './operation.ts';
import type { MockAnswer } from './problem.ts';

/** Headers whose values are secrets whatever the file calls them. */
const SECRET = /^(authorization|proxy-authorization|cookie)$/;

/**
 * A JSON answer that shows what was received: declared headers only, credentials as their scheme,
 * the body as it came.
 */
export function echo(match: Match, received: Received, body: Body): MockAnswer {
  const { operation, variables } = match;
  const secret = operation.authentication && credentialPlace(operation.authentication);
  const shown = {
    mock: true,
    operation: operation.target,
    method: received.method,
    path: received.path,
    variables,
    query: queryOf(received.query, secret?.in === 'query' ? secret.name : undefined),
    headers: headersOf(match, received, secret?.in === 'header' ? secret.name : undefined),
    credential: operation.authentication?.type ?? 'none',
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(shown).slice(0, -1)},"body":${bodyText(body)}}`,
  };
}

/** Set as text: parsing would bend integers above 2^53 and the spelling of numbers. */
function bodyText(body: Body): string {
  if (body.kind === 'json') return body.text;
  return body.kind === 'none'
    ? 'null'
    : JSON.stringify({ mediaType: body.mediaType, bytes: body.bytes });
}

function queryOf(query: URLSearchParams, hidden: string | undefined) {
  const shown: Record<string, string | string[]> = Object.create(null);
  for (const name of new Set(query.keys())) {
    if (name === hidden) continue;
    const values = query.getAll(name);
    shown[name] = values.length === 1 && values[0] !== undefined ? values[0] : values;
  }
  return shown;
}

function headersOf({ operation }: Match, { headers }: Received, hidden: string | undefined) {
  const shown: Record<string, string> = Object.create(null);
  for (const { in: place, name } of operation.parameters) {
    const key = name.toLowerCase();
    const value = headers[key];
    if (place !== 'header' || value === undefined || key === hidden) continue;
    shown[key] = SECRET.test(key) ? '(sent)' : String(value);
  }
  return shown;
}
