import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { percentDecoded } from '../percent.ts';
import type { InputPlan } from '../plan/plan.ts';

type Refuse = (why: string) => void;

/** The value or values of a query parameter; a list is taken for an array only. */
export function readQuery(query: URLSearchParams, input: InputPlan, refuse: Refuse): unknown {
  const { name } = input.from;
  const all = query.getAll(name);
  if (all.length === 0) return input.type === 'object' ? readDeepObject(query, name) : undefined;
  if (all.length === 1) return all[0];
  if (input.type === 'array') return all;
  refuse(`is given ${all.length} times, but takes one value`);
  return undefined;
}

/** `filter[name]=x&filter[size]=2` as an object; a member that is given twice is a list. */
function readDeepObject(query: URLSearchParams, name: string): unknown {
  const members = new Map<string, string | string[]>();
  for (const [key, value] of query) {
    if (!key.startsWith(`${name}[`) || !key.endsWith(']')) continue;
    const member = key.slice(name.length + 1, -1);
    const known = members.get(member);
    members.set(member, known === undefined ? value : [known, value].flat());
  }
  return members.size === 0 ? undefined : Object.fromEntries(members);
}

/** @param name in lower case */
export function readHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  if (!Object.hasOwn(headers, name)) return undefined;
  const value = headers[name];
  const text = Array.isArray(value) ? value.join(', ') : value;
  return text === undefined ? undefined : utf8Of(text);
}

/** Node reads header bytes as Latin-1; text that is really UTF-8 is told by being valid UTF-8. */
function utf8Of(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
}

/** The first cookie of a name, decoded where it is percent-encoded. */
export function readCookie({ cookie = '' }: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of cookie.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
    return percentDecoded(utf8Of(pair.slice(equals + 1).trim()).replace(/^"(.*)"$/s, '$1'));
  }
  return undefined;
}
