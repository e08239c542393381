import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import tls from 'node:tls';
import type { Log } from '../log.ts';
import type { Peers } from '../mcp/elsewhere.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { keyFor } from '../sealed.ts';
import type { Advertised } from './advertised.ts';
import { closable, closing } from './closing.ts';
import { fromOther, handOn, KEPT_ALIVE_MS, LISTENER } from './handing-on.ts';
import { listening } from './listening.ts';
import type { Successors } from './successors.ts';

/**
 * The door between gateways on several machines that hold sessions of the same clients. What passes is
 * encrypted, and both sides have to know the state key before either says anything.
 */
export interface PeerDoor {
  /** Hands on requests for one listener of a gateway to the one of that name of another. */
  of(listener: string): Peers;
  /** From now on the others find nobody here. */
  close(graceMs: number): Promise<void>;
  /** Nothing is handed on any more. */
  leave(): void;
}

export interface PeerDoorOptions {
  readonly at: Advertised;
  /** The secret that the gateways share. */
  readonly key: string;
  /** How requests of others are served, by listener. */
  readonly serve: (listener: string) => RequestListener | undefined;
  /** Who goes on with sessions whose holder is gone; whoever is asked when absent. */
  readonly successors: Successors | undefined;
  readonly log: Log;
  readonly metrics: Metrics | undefined;
}

/** TLS by a secret of both sides (RFC 5489, RFC 7905): no certificates, and no answer without it. */
const SECURE = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;
const IDENTITY = 'naftiko';
/** In a machine's neighbourhood an answer is there at once, or never. */
const PATIENCE_MS = 2_000;
/** How often it is tried, beside requests, whether one that was away is back. */
const PROBE_MS = 1_000;
const HANDSHAKE_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
/** Shorter than the others keep a connection, so that requests do not meet its end. */
const UNUSED_MS = 30_000;

/** @throws the error of `listen`, EADDRINUSE for example */
export async function openPeerDoor(options: PeerDoorOptions): Promise<PeerDoor> {
  const { at, serve, successors, log, metrics } = options;
  const psk = keyFor('naftiko peers 1', options.key);
  let closed = false;
  function take(request: IncomingMessage, response: ServerResponse): void {
    const handle = closed ? undefined : serve(String(request.headers[LISTENER] ?? ''));
    // Who is not there yet, or no more, says so before anything of the request is lost.
    if (handle === undefined) {
      request.socket.destroy();
      return;
    }
    if (request.headers.expect !== undefined) response.writeContinue();
    fromOther(handle)(request, response);
  }
  const server = https.createServer(
    {
      ...SECURE,
      keepAlive: true,
      keepAliveInitialDelay: KEPT_ALIVE_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      handshakeTimeout: HANDSHAKE_MS,
      pskCallback: (_, identity) => (identity === IDENTITY ? psk : null),
    },
    take,
  );
  server.on('checkContinue', take);
  const knowing = {
    ...SECURE,
    pskCallback: () => ({ psk, identity: IDENTITY }),
    checkServerIdentity: () => undefined,
  };
  const agent = new https.Agent({ ...knowing, keepAlive: true, timeout: UNUSED_MS });
  const door = closable(server);
  await listening(server, placeToOpen(at));
  server.on('error', (error) => log.error({ cause: String(error) }, 'A listener failed.'));
  const here = written({ ...at, port: (server.address() as AddressInfo).port });
  log.info({ address: here }, 'Other gateways reach this one.');
  const away = new Map<string, Away>();
  const count = metrics?.counter(
    'naftiko_sessions_handed_on_total',
    'Requests of sessions that were handed on to the gateway that holds them, or found none there.',
    ['outcome'],
  );
  const [counted, gone] = [count?.('reached'), count?.('gone')];

  /** Nobody is made to wait for it a second time: it is looked for beside the requests that come. */
  function isAway(holder: string): boolean {
    const known = away.get(holder);
    if (known === undefined) return false;
    if (!known.probing && Date.now() - known.since >= PROBE_MS) {
      known.probing = true;
      void probe(holder).then((isBack) => {
        if (isBack) away.delete(holder);
        known.probing = false;
        known.since = Date.now();
      });
    }
    return true;
  }

  function probe(holder: string): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = tls.connect({ ...knowing, ...placeOf(holder) });
      const limit = setTimeout(() => end(false), PATIENCE_MS).unref();
      function end(isBack: boolean): void {
        clearTimeout(limit);
        socket.destroy();
        resolve(isBack);
      }
      socket.on('secureConnect', () => end(true)).on('error', () => end(false));
    });
  }

  function missed(holder: string): void {
    gone?.();
    if (away.has(holder)) return;
    away.set(holder, { since: Date.now(), probing: false });
    log.info(
      { peer: holder },
      'A gateway that holds sessions cannot be reached: others go on with them.',
    );
  }

  return {
    of: (listener) => ({
      here,
      isFromPeer: ({ headers }) => headers[LISTENER] !== undefined,
      handOn(session, request, response, { reached, orElse }) {
        const tried = new Set<string>();
        function handOnTo(holder: string): void {
          if (response.destroyed) return;
          if (holder === here || tried.has(holder)) orElse();
          else if (isAway(holder)) replace(holder);
          else {
            const receiver = {
              to: { agent, ...placeOf(holder) },
              headers: [LISTENER, listener],
              reached() {
                counted?.();
                reached();
              },
              patience: PATIENCE_MS,
            };
            handOn(request, response, receiver, () => {
              missed(holder);
              replace(holder);
            });
          }
        }
        function replace(gone: string): void {
          tried.add(gone);
          if (successors === undefined) orElse();
          else void successors.of(session.id, gone, here).then(handOnTo);
        }
        handOnTo(session.holder);
      },
    }),
    close(graceMs) {
      closed = true;
      return closing(door, graceMs);
    },
    leave: () => agent.destroy(),
  };
}

/** A gateway that was not there, since when, in milliseconds since 1970. */
interface Away {
  since: number;
  probing: boolean;
}

function placeOf(holder: string) {
  const colon = holder.lastIndexOf(':');
  const host = holder.slice(0, colon).replace(/[[\]]/g, '');
  return { host, port: Number(holder.slice(colon + 1)), servername: '' };
}

const written = ({ host, port }: Advertised): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;

/** Where the address is one of this machine it is the only one that is opened. */
function placeToOpen({ host, port }: Advertised): {
  readonly host?: string;
  readonly port: number;
} {
  const own = Object.values(networkInterfaces()).flat();
  return own.some((each) => each?.address === host) ? { host, port } : { port };
}
