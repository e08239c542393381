import { withSession } from '../access/session-request.ts';
import type { SessionPlan } from '../plan/outbound.ts';
import type { UpstreamRequest } from '../plan/plan.ts';
import type { Mask } from '../secrets.ts';
import { ACCEPT_ENCODING } from '../upstream/encodings.ts';
import { requestHeaders } from '../upstream/headers.ts';
import { USER_AGENT } from '../version.ts';
import { commandLine } from './shell.ts';

/** A request as it goes over the wire, and as a curl command that does the same. */
export function requestText(request: UpstreamRequest, mask: Mask): string {
  return `${httpText(request, mask, true)}\n\n${curlText(request, mask)}`;
}

type Pair = readonly [name: string, value: string];

/** @param isWhole whether the body is what would be sent, so that its length can be told */
export function httpText(written: UpstreamRequest, mask: Mask, isWhole = false): string {
  const request = shownWithSession(written);
  const { method, path, body } = request;
  const sent = sentHeaders(request);
  if (isWhole && body !== undefined) sent.push(['content-length', String(Buffer.byteLength(body))]);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...sent.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : ['', textOf(body) ?? `(${Buffer.byteLength(body)} bytes)`]),
  ];
  return mask(lines.join('\n'));
}

/** A request as data; a body that is no text as base64. */
export function shownRequest(written: UpstreamRequest): object {
  const request = shownWithSession(written);
  const { origin, method, path, body } = request;
  const text = body === undefined ? undefined : textOf(body);
  return {
    method,
    url: origin + path,
    headers: sentHeaders(request),
    ...(text !== undefined
      ? { body: text }
      : body === undefined
        ? {}
        : { base64: Buffer.from(body).toString('base64') }),
  };
}

function sentHeaders({ origin, headers, credential }: UpstreamRequest): Pair[] {
  const own = { userAgent: USER_AGENT, acceptEncoding: ACCEPT_ENCODING };
  const sent: Pair[] = [['host', new URL(origin).host], ...pairsOf(requestHeaders(headers, own))];
  if (credential === undefined) return sent;
  return [
    ...sent.filter(([name]) => name !== 'authorization'),
    ['authorization', workedOut(credential)],
  ];
}

/** Whether a part of the request stands for what a login gives. */
export const needsSession = ({ credential }: UpstreamRequest): boolean =>
  sessionOf(credential) !== undefined;

const sessionOf = (credential: UpstreamRequest['credential']): SessionPlan | undefined =>
  credential?.type === 'session'
    ? credential
    : credential?.type === 'session-end'
      ? credential.session
      : undefined;

/** What a session gives stands as its name, `{session.token}`. */
function shownWithSession(request: UpstreamRequest): UpstreamRequest {
  const session = sessionOf(request.credential);
  if (session === undefined) return request;
  const { credential: _, ...bare } = request;
  const names = session.login.values.map(({ name }) => `{session.${name}}`);
  const input = Object.fromEntries(names.map((name) => [name.slice('{session.'.length, -1), name]));
  const shown = session.inject.map(({ in: place, name, write }) => ({
    in: place,
    name,
    text: write({ input, steps: {} }, () => {}),
  }));
  const { path, headers } = withSession(bare, { shown });
  const readable = names.reduce(
    (text, name) => text.replaceAll(encodeURIComponent(name), name),
    path,
  );
  return { ...bare, path: readable, headers };
}

/** What stands for a credential that is not known before the request is sent. */
const workedOut = ({ type }: Credential): string =>
  type === 'digest' ? 'Digest ••••' : 'Bearer ••••';

type Credential = NonNullable<UpstreamRequest['credential']>;

/** Each word is masked before it is quoted: quoting changes the spelling of a secret. */
function curlText(written: UpstreamRequest, mask: Mask): string {
  const { origin, method, path, headers, body, credential } = shownWithSession(written);
  const url = origin + path;
  const words = ['curl', ...(method === 'HEAD' ? ['--head'] : ['-X', method])];
  // curl would read brackets and braces as patterns.
  if (/[[\]{}]/.test(url)) words.push('--globoff');
  const groups = [[...words, mask(url)]];
  if (credential?.type === 'digest')
    groups.push(['--digest', '-u', mask(`${credential.username}:••••`)]);
  else if (credential !== undefined) groups.push(['-H', `authorization: ${workedOut(credential)}`]);
  // A header without a value is written with a semicolon; with a colon curl leaves it out.
  for (const [name, value] of pairsOf(headers)) {
    if (credential !== undefined && name === 'authorization') continue;
    groups.push(['-H', value === '' ? `${name};` : mask(`${name}: ${value}`)]);
  }
  if (body !== undefined) {
    const text = textOf(body);
    groups.push(text === undefined ? ['--data-binary', '@body'] : ['--data-raw', mask(text)]);
  }
  return commandLine(groups)
    .map((line) => line.slice('  '.length))
    .join('\n');
}

/** Header values travel as latin1; people read them as the UTF-8 they were. */
const pairsOf = (flat: readonly string[]): Pair[] =>
  Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] as string,
    Buffer.from(flat[2 * index + 1] as string, 'latin1').toString('utf8'),
  ]);

/** undefined for bytes that are no text. */
function textOf(body: string | Buffer): string | undefined {
  if (typeof body === 'string') return body;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}
