import type { IncomingMessage } from 'node:http';

export type Wish = 'json' | 'events';

/**
 * How the answer goes: a client of sessions that names event streams gets one, as the protocol has
 * it; a single answer is JSON unless event streams are all that is accepted.
 */
export function wanted(req: IncomingMessage): Readonly<Record<'session' | 'single', Wish>> {
  const { accept = '' } = req.headers;
  if (accept === USUAL) return OF_USUAL;
  const events = accepts(req, 'text/event-stream');
  const json = accepts(req, 'application/json') || accepts(req, '*/*');
  return { session: events ? 'events' : 'json', single: events && !json ? 'events' : 'json' };
}

export const accepts = (req: IncomingMessage, type: string): boolean =>
  (req.headers.accept ?? '').toLowerCase().includes(type);

/** What the protocol has clients say. */
const USUAL = 'application/json, text/event-stream';
const OF_USUAL = { session: 'events', single: 'json' } as const;
