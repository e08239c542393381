import type { RequestListener } from 'node:http';
import https from 'node:https';
import { type AddressInfo, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Log } from '../log.ts';
import type { Peers } from '../mcp/elsewhere.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { keyFor } from '../sealed.ts';
import type { Advertised } from './advertised.ts';
import { closable, closing } from './closing.ts';
import { fromOther, handOn, LISTENER } from './handing-on.ts';
import type { Successors } from './successors.ts';

/**
 * The door between gateways on several machines that hold sessions of the same clients. What passes is
 * encrypted, and both sides have to know the state key before either says anything.
 */
export interface PeerDoor {
  /** Hands on requests for one listener of a gateway to the same of another. */
  of(listener: number): Peers;
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
  readonly serve: (listener: number) => RequestListener | undefined;
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
/** In a machine's neighbourhood a connection is there at once, or never. */
const PATIENCE_MS = 1_000;
/** So long nobody is made to wait for one that was not there. */
const AWAY_MS = 10_000;
const HANDSHAKE_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
/** Shorter than the others keep a connection, so that requests do not meet its end. */
const UNUSED_MS = 30_000;

/** @throws the error of `listen`, EADDRINUSE for example */
export async function openPeerDoor(options: PeerDoorOptions): Promise<PeerDoor> {
  const { at, serve, successors, log, metrics } = options;
  const psk = keyFor('naftiko peers 1', options.key);
  const server = https.createServer(
    {
      ...SECURE,
      keepAliveTimeout: KEEP_ALIVE_MS,
      handshakeTimeout: HANDSHAKE_MS,
      pskCallback: (_, identity) => (identity === IDENTITY ? psk : null),
    },
    fromOther((request, response) => {
      const handle = serve(Number(request.headers[LISTENER] ?? -1));
      if (handle === undefined) response.writeHead(503).end();
      else handle(request, response);
    }),
  );
  const agent = new https.Agent({
    ...SECURE,
    keepAlive: true,
    timeout: UNUSED_MS,
    pskCallback: () => ({ psk, identity: IDENTITY }),
    checkServerIdentity: () => undefined,
  });
  const door = closable(server);
  await listen(server, at);
  server.on('error', (error) => log.error({ cause: String(error) }, 'A listener failed.'));
  const here = written({ ...at, port: (server.address() as AddressInfo).port });
  log.info({ address: here }, 'Other gateways reach this one.');
  const away = new Map<string, number>();
  const count = metrics?.counter(
    'naftiko_sessions_handed_on_total',
    'Requests of sessions that were handed on to the gateway that holds them, or found none there.',
    ['outcome'],
  );
  const [reached, gone] = [count?.('reached'), count?.('gone')];

  function isAway(holder: string): boolean {
    const until = away.get(holder);
    if (until === undefined) return false;
    if (Date.now() < until) return true;
    away.delete(holder);
    return false;
  }

  function missed(holder: string): void {
    gone?.();
    away.set(holder, Date.now() + AWAY_MS);
    log.info(
      { peer: holder },
      'A gateway that holds sessions cannot be reached: others go on with them.',
    );
  }

  function receiverAt(holder: string, listener: number) {
    const colon = holder.lastIndexOf(':');
    const host = holder.slice(0, colon).replace(/[[\]]/g, '');
    return {
      to: { agent, host, port: holder.slice(colon + 1), servername: '' },
      headers: [LISTENER, String(listener)],
      reached,
      patience: PATIENCE_MS,
    };
  }

  return {
    of: (listener) => ({
      here,
      isFromPeer: ({ headers }) => headers[LISTENER] !== undefined,
      handOn(session, request, response, orElse) {
        const tried = new Set<string>();
        function handOnTo(holder: string): void {
          if (response.destroyed) return;
          if (holder === here || tried.has(holder)) orElse();
          else if (isAway(holder)) replace(holder);
          else {
            handOn(request, response, receiverAt(holder, listener), () => {
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
    close: (graceMs) => closing(door, graceMs),
    leave: () => agent.destroy(),
  };
}

const written = ({ host, port }: Advertised): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;

/** Where the address is one of this machine it is the only one that is open. */
function listen(server: https.Server, { host, port }: Advertised): Promise<void> {
  const own = Object.values(networkInterfaces()).flat();
  const isOwn = own.some((each) => each?.address === host);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(isOwn ? { host } : {}) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
