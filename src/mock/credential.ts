import type { IncomingHttpHeaders } from 'node:http';
import type { ConsumedAuthentication } from '../document/document.ts';
import type { Refusal } from './problem.ts';

/** Where the block's credential travels, for keeping it out of answers. */
export interface CredentialPlace {
  readonly in: 'header' | 'query';
  readonly name: string;
}

export function credentialPlace(authentication: ConsumedAuthentication): CredentialPlace {
  if (authentication.type === 'caller') {
    const { placement = 'header', header, key = header } = authentication;
    return { in: placement, name: placement === 'query' ? key : key.toLowerCase() };
  }
  if (authentication.type !== 'apikey') return { in: 'header', name: 'authorization' };
  const place = authentication.placement ?? authentication.in ?? 'header';
  const name = authentication.key ?? authentication.name ?? '';
  return place === 'query' ? { in: 'query', name } : { in: 'header', name: name.toLowerCase() };
}

/**
 * Checks that the credential the block declares is there and was filled in. The mock cannot know
 * the secret: `accept` judges it when given. Digest, OAuth 2, sessions and callers' own are not checked.
 */
export function checkCredential(
  authentication: ConsumedAuthentication | undefined,
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
  accept: ((credential: string) => boolean) | undefined,
): Refusal | undefined {
  if (authentication === undefined) return undefined;
  const { type } = authentication;
  if (type !== 'bearer' && type !== 'basic' && type !== 'apikey') return undefined;
  const place = credentialPlace(authentication);
  const sent = place.in === 'query' ? query.get(place.name) : single(headers[place.name]);
  const where = place.in === 'query' ? `query parameter ${place.name}` : `header ${place.name}`;
  const read = READERS[type](sent ?? '', where);
  if (read.fault !== undefined) return unauthorized(type, read.fault);
  if (accept !== undefined && !accept(read.credential)) {
    return unauthorized(type, `the credential in the ${where} is not the one that is expected`);
  }
  return undefined;
}

type Read =
  | { readonly credential: string; readonly fault?: undefined }
  | { readonly fault: string };

const READERS: Record<'bearer' | 'basic' | 'apikey', (sent: string, where: string) => Read> = {
  bearer(sent, where) {
    const match = /^bearer +(.*)$/i.exec(sent.trim());
    if (match === null) return { fault: `the ${where} must be 'Bearer' and a token` };
    return checkText(match[1] ?? '', where, true);
  },
  basic(sent, where) {
    const match = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(sent.trim());
    const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (match === null || colon < 0) {
      return { fault: `the ${where} must be 'Basic' and base64 of user:password` };
    }
    if (colon === 0) return { fault: `the user name in the ${where} is empty` };
    return checkText(text, where, false);
  },
  apikey: (sent, where) => checkText(sent, where, false),
};

function checkText(text: string, where: string, token: boolean): Read {
  if (text.trim() === '') return { fault: `the credential in the ${where} is missing or empty` };
  if (/\{\{|^undefined$|^null$|\[object /.test(text)) {
    return { fault: `the ${where} holds a template or placeholder instead of the secret` };
  }
  if (token && /\s/.test(text)) return { fault: `the token in the ${where} has a blank in it` };
  return { credential: text };
}

function unauthorized(type: string, fault: string): Refusal {
  const scheme = type === 'bearer' ? 'Bearer' : type === 'basic' ? 'Basic' : 'ApiKey';
  return {
    code: 'UNAUTHORIZED',
    detail: `The file declares ${type} authentication for this API, but ${fault}.`,
    headers: { 'www-authenticate': `${scheme} realm="mock"` },
  };
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
