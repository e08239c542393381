// A gateway's answer beside the one that the API itself gives to the same request.
import { isDeepStrictEqual } from 'node:util';
import { hasBrokenBody, isPlaceheld } from './items.mjs';

const PROBLEM = 'urn:naftiko:problem:';

/**
 * @returns {{ verdict: 'same' | 'explained' | 'different', reason?: string }} `explained`: the two
 *   differ because of what is known and wanted
 */
export function compared(gateway, direct, item) {
  if (gateway.status === direct.status && isSameBody(gateway.body, direct.body)) {
    return { verdict: 'same' };
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
