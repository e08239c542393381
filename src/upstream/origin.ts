import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { buildConnector, Pool } from 'undici';
import { addressOf } from './connect-to.ts';
import { CONNECTION_RESET } from './failure.ts';
import { skipInterim } from './interim.ts';
import type { UpstreamSettings } from './options.ts';

/** One consumed API's address and the connections to it. */
export interface Origin {
  /** Host and port, as messages name it. */
  readonly host: string;
  /** The name that its certificate must carry; undefined for an address, and without TLS. */
  readonly servername: string | undefined;
  /** For requests that may be repeated: its connections are kept long. */
  readonly kept: Pool;
  /** For others, and for repeating. */
  readonly fresh: Pool;
  /** Lets running requests end. */
  close(): Promise<void>;
  /** Ends everything at once. */
  destroy(): Promise<void>;
}

type Connect = (
  options: buildConnector.Options,
  callback: (...outcome: [null, Socket] | [Error, null]) => void,
) => Socket;

const MAX_HEADER_BYTES = 32 * 1024;
// Node's 250 ms is less than a connection to the other side of the world takes.
const ADDRESS_ATTEMPT_MS = 500;

export function openOrigin(origin: string, settings: UpstreamSettings): Origin {
  const url = new URL(origin);
  const elsewhere = addressOf(url, settings.connectTo);
  const connecting = new Set<Socket>();
  const connect = buildConnector({
    timeout: settings.connectTimeout,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    lookup: settings.lookup,
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch it off.
    rejectUnauthorized: true,
    ...settings.tls,
  } as buildConnector.BuildOptions) as unknown as Connect;

  const openPool = (keepAlive: number): Pool =>
    new Pool(url.origin, {
      connections: settings.connections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: settings.headersTimeout,
      keepAliveTimeout: keepAlive,
      maxHeaderSize: MAX_HEADER_BYTES,
      connect: ((options, callback) => {
        const socket = connect(placed(options), (...outcome) => {
          connecting.delete(socket);
          if (outcome[1]) {
            skipInterim(outcome[1]);
            outcome[1].on('error', nameReset);
          }
          callback(...outcome);
        });
        connecting.add(socket);
      }) as buildConnector.connector,
    });

  // The name that the server is called by stays; only who is reached by it differs.
  const placed = (options: buildConnector.Options): buildConnector.Options =>
    elsewhere === undefined
      ? options
      : { ...options, hostname: elsewhere.hostname, port: elsewhere.port ?? options.port };

  const kept = openPool(settings.keepAlive);
  const fresh = openPool(Math.min(settings.keepAlive, settings.briefKeepAlive));

  return {
    host: elsewhere === undefined ? url.host : `${url.host} (at ${elsewhere.text})`,
    servername: url.protocol === 'https:' && isAName(url.hostname) ? url.hostname : undefined,
    kept,
    fresh,
    async close() {
      await Promise.all([kept.close(), fresh.close()]);
    },
    async destroy() {
      await Promise.all([kept.destroy(), fresh.destroy()]);
      // undici leaves a half-open connection to its timeout.
      for (const socket of connecting) socket.destroy(new Error('The upstream client is closed.'));
    },
  };
}

/**
 * undici takes a reset for the end of an answer that lasts as long as its connection; it is no more
 * than a part of one (RFC 9112 section 8).
 */
function nameReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = CONNECTION_RESET;
}

function isAName(hostname: string): boolean {
  return !hostname.startsWith('[') && isIP(hostname) === 0;
}
