import { createHash } from 'node:crypto';
import http, { type Server } from 'node:http';
import path from 'node:path';
import { handOn, LISTENER } from './handing-on.ts';
import { listening } from './listening.ts';

/**
 * The other processes that serve the same ports. A connection may reach any of them, but a session of
 * MCP is held by the one that opened it, and says so in its id: the others hand its requests on.
 */
export interface Siblings {
  /** Which of them this one is, from 1. */
  readonly seat: number;
  /** How many they are. */
  readonly count: number;
  /** Folder of the sockets that they reach each other at. */
  readonly folder: string;
  /** Ports in place of free ones, by listener. */
  readonly freePorts?: readonly number[];
  /** Metrics of all of them. */
  readonly metrics: () => Promise<string>;
}

/** What the ids of sessions begin with that are opened here. */
export const sessionPrefix = ({ seat }: Siblings): string => `${seat}-`;

/**
 * Hands requests of another one's session on, and serves the others, as well as those whose holder is
 * gone.
 * @param listener which of the ports it is; the same for all siblings
 */
export function relaying(
  { seat, count, folder }: Siblings,
  listener: number,
  serve: http.RequestListener,
): http.RequestListener {
  const agent = new http.Agent({ keepAlive: true, timeout: 30_000 });
  return function relay(request, response) {
    const id = request.headers['mcp-session-id'];
    const holder = typeof id === 'string' ? holderOf(id, count) : seat;
    if (holder === seat) return serve(request, response);
    const to = { agent, socketPath: socketOf(folder, holder, listener) };
    // What came from another machine has come from there for the sibling, too.
    const from = request.headers[LISTENER];
    const headers = typeof from === 'string' ? [LISTENER, from] : [];
    handOn(request, response, { to, headers }, () => serve(request, response));
  };
}

/** Sessions of another machine, where there may be more seats or none, are one sibling's as well. */
function holderOf(id: string, count: number): number {
  const [, seat] = /^([1-9]\d{0,3})-/.exec(id) ?? [];
  const number = seat === undefined ? Number(`0x${hexOf(id)}`) : Number(seat) - 1;
  return (number % count) + 1;
}

const hexOf = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 8);

const socketOf = (folder: string, seat: number, listener: number): string =>
  path.join(folder, `${seat}-${listener}.sock`);

/** Opens where siblings hand on what is for this one. */
export function listenForSiblings(
  server: Server,
  { folder, seat }: Siblings,
  listener: number,
): Promise<void> {
  // Exclusive: what is shared among workers is shared by all of them, whatever its name.
  return listening(server, { path: socketOf(folder, seat, listener), exclusive: true });
}
