import type { RawAnswer } from '../../support/agent.ts';
import type { Answer } from '../../support/http.ts';
import type { RecordedRequest } from '../../support/upstream.ts';

/** What the consumed API says where a pair is not about its answer; not written out. */
export const ECHO = '{"ok":true}';

export const NOTHING = 'nothing';

/** Request headers that a pair can be about; others are the connection's own. */
const TELLING = /^(authorization|cookie|seon-fp|x-.*)$/;

/** `POST /path?q=1, x-h: 1, body (application/json) {"a":1}`, several joined by `then`. */
export const received = (requests: readonly RecordedRequest[]): string =>
  requests.length === 0 ? NOTHING : requests.map(requestText).join(' then ');

function requestText({ method, url, headers, body }: RecordedRequest): string {
  const telling = Object.entries(headers)
    .filter(([name]) => TELLING.test(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort();
  const type = headers['content-type']?.replace(/;.*$/, '');
  const sent = body === '' ? [] : [`body (${type}) ${body}`];
  return [`${method} ${url}`, ...telling, ...sent].join(', ');
}

/** `200 {"a":1}`, `405 METHOD_NOT_ALLOWED, allow: POST`: a problem is its code. */
export function answered({ status, headers, text }: Answer): string {
  const telling = ['allow', 'location'].flatMap((name) =>
    headers[name] === undefined ? [] : [`${name}: ${headers[name]}`],
  );
  const challenge = headers['www-authenticate']?.match(/\b(Basic|Bearer|Digest)(?= realm)/g) ?? [];
  const problem = headers['content-type']?.startsWith('application/problem+json');
  const said = problem ? ` ${(JSON.parse(text) as { code: string }).code}` : bodyText(text);
  const challenges = challenge.length === 0 ? [] : [`challenge: ${[...new Set(challenge)]}`];
  return [`${status}${said}`, ...telling, ...challenges].join(', ');
}

const bodyText = (text: string): string =>
  text === ECHO ? '' : text === '' ? ' without a body' : ` ${text}`;

interface Message {
  readonly result?: {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
  };
  readonly error?: { readonly code: number };
  /** Of a problem. */
  readonly code?: string;
}

/** Says no more than the HTTP status does. */
const OF_THE_TRANSPORT = -32000;

/** `success {"a":1}`, `tool error CODE`, `200 error -32602`; other answers by their status. */
export function told({ status, text }: RawAnswer): string {
  if (!/^[{[]/.test(text)) return `${status}`;
  const message = JSON.parse(text) as Message | readonly Message[];
  if (Array.isArray(message)) return `${status} with a batch of ${message.length}`;
  const { result, error, code } = message as Message;
  if (error?.code === OF_THE_TRANSPORT) return `${status}`;
  if (error !== undefined) return `${status} error ${error.code}`;
  if (result === undefined) return `${status} ${code}`;
  const said = (result.content ?? []).map((part) => part.text ?? '').join(' ');
  if (result.isError === true) return `tool error ${said.replace(/:.*$/s, '')}`;
  return `success${said === ECHO || said === '' ? '' : ` ${said}`}`;
}
