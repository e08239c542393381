import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/** Whom a request is counted for: who he is known to be, else the address that he calls from. */
export function callerOf(
  request: IncomingMessage,
  principal: string | undefined,
  proxies: number,
): string {
  if (principal !== undefined && principal !== '') return `user ${principal}`;
  return `from ${networkOf(addressOf(request, proxies))}`;
}

/**
 * The address of a client. Each proxy adds to `X-Forwarded-For` whom it was called by, so that as many
 * entries from its end can be believed as there are proxies of ours; the rest is what callers write.
 */
export function addressOf({ headers, socket }: IncomingMessage, proxies: number): string {
  const own = socket.remoteAddress ?? '';
  const given = headers['x-forwarded-for'];
  if (proxies === 0 || given === undefined) return own;
  const all = (Array.isArray(given) ? given.join(',') : given).split(',');
  return all.at(-Math.min(proxies, all.length))?.trim() || own;
}

/** One customer of a provider has 2^64 addresses of IPv6: they count as one. */
function networkOf(address: string): string {
  const plain = address.replace(/^\[|\](?::\d+)?$/g, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain.slice(0, 64);
  const [head = '', tail] = plain.replace(/%.*$/s, '').split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<string>(Math.max(0, gap)).fill('0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((each) => Number.parseInt(each, 16).toString(16))
    .join(':')}::/64`;
}
