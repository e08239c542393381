import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { Transport as ModernTransport } from '@modelcontextprotocol/server';
import { serveStdio as serveModern } from '@modelcontextprotocol/server/stdio';
import type { Caching } from './caching.ts';
import { claimsStateless, requireClaim, requireVersion } from './eras.ts';
import type { McpEvent } from './events.ts';
import { createLegacyServer } from './legacy-server.ts';
import { createModernServer } from './modern-server.ts';
import { RpcError, rpcErrorAnswer } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';
import { wantAll } from './wanting.ts';

/** Both eras on one pair of pipes. */
export interface Eras {
  deliver(message: JSONRPCMessage): void;
  /** Ends what runs, and tells those that listen. */
  close(): Promise<void>;
}

type Era = 'legacy' | 'modern';

/**
 * Leads each message to the era it claims. One that claims nothing belongs to the era the client
 * has begun with, and after a handshake to that: some clients probe for one era and stay in the other.
 */
export async function createEras(
  core: ToolCore,
  options: Caching,
  write: (message: JSONRPCMessage | string) => Promise<void>,
): Promise<Eras> {
  /** Which era answers, and what ends with the answer. */
  const running = new Map<RequestId, Started>();
  let began: Era | undefined;

  function settle(id: RequestId): void {
    running.get(id)?.drop?.();
    running.delete(id);
  }
  const line = (): Line =>
    createLine(async (message) => {
      if (!('method' in message) && message.id !== undefined) settle(message.id);
      await write(message);
    });

  const legacyLine = line();
  const { server: legacy } = createLegacyServer(core, (id) => ({
    streams: true,
    lasts: true,
    left: running.get(id)?.left.signal,
  }));
  await legacy.connect(legacyLine.transport);

  const modernLine = line();
  let tell = (_event: McpEvent): void => {};
  const deaf = core.events.listen((event) => tell(event));
  const modern = serveModern(
    () => {
      const server = createModernServer(core, { ...options, caller: {}, streams: true });
      // The SDK hands these to those who listen for them, and to nobody else.
      tell = (event) => void announce(server, event).catch(() => {});
      return server;
    },
    { legacy: 'reject', transport: modernLine.transport as ModernTransport },
  );

  function eraOf(message: JSONRPCMessage): Era {
    if (!('method' in message)) return 'legacy';
    if (message.method === 'notifications/cancelled') {
      const id = message.params?.requestId as RequestId;
      const { era = 'legacy', left } = running.get(id) ?? {};
      left?.abort();
      if (era === 'modern') settle(id);
      return era;
    }
    if (claimsStateless(message)) return 'modern';
    return message.method === 'initialize' ? 'legacy' : (began ?? 'legacy');
  }

  return {
    deliver(message) {
      const era = eraOf(message);
      const isRequest = 'method' in message && 'id' in message;
      if (isRequest && (began === undefined || era === 'legacy')) began = era;
      try {
        if (era === 'modern' && isRequest) {
          requireClaim(message);
          requireVersion(message);
        }
        if (isRequest) running.set(message.id, started(core, era, message));
      } catch (thrown) {
        if (!(thrown instanceof RpcError)) throw thrown;
        void write(rpcErrorAnswer(thrown));
        return;
      }
      (era === 'modern' ? modernLine : legacyLine).deliver(message);
    },
    async close() {
      deaf();
      await modern.close();
      await legacy.close();
      for (const id of [...running.keys()]) settle(id);
    },
  };
}

interface Started {
  readonly era: Era;
  /** Aborted by its cancellation: of a request with the id 0 the older SDK does not hear it. */
  readonly left: AbortController;
  readonly drop?: () => void;
}

function started(
  core: ToolCore,
  era: Era,
  { method, params }: { method: string; params?: unknown },
): Started {
  const left = new AbortController();
  if (era !== 'modern' || method !== 'subscriptions/listen') return { era, left };
  return { era, left, drop: wantAll(core.events, params) };
}

function announce(server: ReturnType<typeof createModernServer>, event: McpEvent): Promise<void> {
  switch (event.kind) {
    case 'resourceUpdated':
      return server.sendResourceUpdated({ uri: event.uri });
    case 'toolsChanged':
      return server.sendToolListChanged();
    case 'promptsChanged':
      return server.sendPromptListChanged();
    case 'resourcesChanged':
      return server.sendResourceListChanged();
  }
}

interface Line {
  readonly transport: Transport;
  deliver(message: JSONRPCMessage): void;
}

/** A transport whose wire is somebody else's. */
function createLine(send: (message: JSONRPCMessage) => Promise<void>): Line {
  const transport: Transport = {
    start: async () => {},
    send,
    close: async () => transport.onclose?.(),
  };
  return { transport, deliver: (message) => transport.onmessage?.(message) };
}
