// A gateway's answer beside the one that the API itself gives to the same request.
import { isDeepStrictEqual } from 'node:util';
import { hasBrokenBody, isPlaceheld } from './items.mjs';

/** What a client says of itself and of what it takes. */
const GENERAL = new Set(['accept', 'content-type', 'authorization']);
const PROBLEM = 'urn:naftiko:problem:';

/**
 * @returns {{ verdict: 'same' | 'explained' | 'different', reason?: string }} `explained`: the two
 *   differ because of what is known and wanted
 */
export function compared(gateway, direct, item) {
  if (gateway.status === direct.status && isSameBody(gateway.body, direct.body)) {
    const reason = requestsDiffer(gateway.sent.at(-1), direct.sent.at(-1), headersOf(item));
    return reason === undefined ? { verdict: 'same' } : { verdict: 'different', reason };
  }
  const own = problemOf(gateway.body);
  if (own !== undefined) {
    const refused = `${own.code}: ${(own.violations ?? []).map(told).join('; ') || own.detail}`;
    if ([400, 422].includes(direct.status)) {
      return { verdict: 'explained', reason: `both refuse, the gateway first (${own.code})` };
    }
    if (own.code === 'INPUT_INVALID' && isPlaceheld(item)) {
      return { verdict: 'explained', reason: 'the file tells the type, and refuses a placeholder' };
    }
    return { verdict: 'different', reason: `the gateway refuses (${refused})` };
  }
  if (item.hasOwnBody && hasBrokenBody(item) && gateway.status < 300) {
    return { verdict: 'explained', reason: 'the file writes the body, whatever the caller sends' };
  }
  const statuses = `${gateway.status} instead of ${direct.status}`;
  return {
    verdict: 'different',
    reason: `${statuses}: ${clipped(gateway.body)} instead of ${clipped(direct.body)}`,
  };
}

/** The headers that an item has for its operation, in lower case. */
export function headersOf({ request: { header = [] } }) {
  return header.map(({ key }) => key.toLowerCase()).filter((name) => !GENERAL.has(name));
}

/**
 * How two requests differ; a mock answers alike whatever it takes, and tells nothing of it.
 * @param {readonly string[]} names headers that count, in lower case
 * @returns {string | undefined}
 */
export function requestsDiffer(one, other, names) {
  if (one === undefined || other === undefined) {
    return one === other ? undefined : `${shown(one)} was sent instead of ${shown(other)}`;
  }
  const counting = ({ headers }) => names.map((name) => headers[name]);
  const parts = [
    ['method', one.method, other.method],
    ['path', one.path, other.path],
    ['query', one.query, other.query],
    ['body', parsed(one.body), parsed(other.body)],
    ['headers', counting(one), counting(other)],
  ];
  const wrong = parts.find(([, mine, theirs]) => !isDeepStrictEqual(mine, theirs));
  if (wrong === undefined) return undefined;
  const [part, mine, theirs] = wrong;
  return `the ${part} ${clipped(JSON.stringify(mine))} was sent instead of ${clipped(JSON.stringify(theirs))}`;
}

export function isSameBody(one, other) {
  return one === other || isDeepStrictEqual(parsed(one), parsed(other));
}

function problemOf(body) {
  const value = parsed(body);
  return String(value?.type).startsWith(PROBLEM) ? value : undefined;
}

/** Whole numbers beyond what a double holds are compared as they are written. */
function parsed(text) {
  try {
    return JSON.parse(text.replace(/([[:,]\s*)(-?\d{16,})(?=\s*[,}\]])/g, '$1"int:$2"'));
  } catch {
    return text;
  }
}

function told(violation) {
  return typeof violation === 'string' ? violation : Object.values(violation).join(' ');
}

const clipped = (text) => (text.length > 160 ? `${text.slice(0, 160)}…` : text);
const shown = (sent) => (sent === undefined ? 'nothing' : `${sent.method} ${sent.path}`);
