import type { UpstreamRequest } from '../plan/plan.ts';
import type { Mask } from '../secrets.ts';
import { ACCEPT_ENCODING } from '../upstream/encodings.ts';
import { requestHeaders } from '../upstream/headers.ts';
import { USER_AGENT } from '../version.ts';
import { commandLine } from './shell.ts';

/** A request as it goes over the wire, and as a curl command that does the same. */
export function requestText(request: UpstreamRequest, mask: Mask): string {
  return `${httpText(request, mask)}\n\n${curlText(request, mask)}`;
}

type Pair = readonly [name: string, value: string];

function httpText({ origin, method, path, headers, body }: UpstreamRequest, mask: Mask): string {
  const own = { userAgent: USER_AGENT, acceptEncoding: ACCEPT_ENCODING };
  const sent: Pair[] = [['host', new URL(origin).host], ...pairsOf(requestHeaders(headers, own))];
  if (body !== undefined) sent.push(['content-length', String(Buffer.byteLength(body))]);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...sent.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : ['', textOf(body) ?? `(${Buffer.byteLength(body)} bytes)`]),
  ];
  return mask(lines.join('\n'));
}

/** Each word is masked before it is quoted: quoting changes the spelling of a secret. */
function curlText({ origin, method, path, headers, body }: UpstreamRequest, mask: Mask): string {
  const url = origin + path;
  const words = ['curl', ...(method === 'HEAD' ? ['--head'] : ['-X', method])];
  // curl would read brackets and braces as patterns.
  if (/[[\]{}]/.test(url)) words.push('--globoff');
  const groups = [[...words, mask(url)]];
  // A header without a value is written with a semicolon; with a colon curl leaves it out.
  for (const [name, value] of pairsOf(headers))
    groups.push(['-H', value === '' ? `${name};` : mask(`${name}: ${value}`)]);
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
