import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../log.ts';
import type { Peers } from '../mcp/elsewhere.ts';
import type { ToolOptions } from '../mcp/tools.ts';
import type { AnswerReaders, UpstreamClient } from '../plan/plan.ts';
import { bodyTooLarge, isAnnouncedTooLarge } from '../rest/body.ts';
import { sendProblem } from '../rest/problem.ts';
import type { ScriptRunner } from '../runtime/execute.ts';
import { createChecks } from './access.ts';
import { closable, closing } from './closing.ts';
import { type Around, createDispatch } from './dispatch.ts';
import { createMcpEndpoints } from './endpoints.ts';
import { logFailure, pathOf } from './failure-log.ts';
import { guardedRoutes } from './guarded.ts';
import { fromOther, fromOutside } from './handing-on.ts';
import type { Limits } from './limiting.ts';
import { listening } from './listening.ts';
import type { Merged } from './merge.ts';
import type { Mount } from './mount.ts';
import type { GatewayOptions } from './options.ts';
import { createPatientServer } from './patience.ts';
import { createEndpointAccess, metadataDocuments } from './protected.ts';
import { listenForSiblings, relaying, sessionPrefix } from './siblings.ts';
import { stateKey } from './state-key.ts';
import { createOperatorFaces, type Surroundings } from './surroundings.ts';
import { answerUnreadable } from './unreadable.ts';

export interface ListenerContext {
  readonly upstream: UpstreamClient;
  readonly scripts: ScriptRunner;
  readonly readers: AnswerReaders;
  readonly tools: ToolOptions;
  readonly mask: (text: string) => string;
  readonly log: Log;
  /** `forwardHeaders` in lower case. */
  readonly options: GatewayOptions;
  readonly version: string;
  /** What skills and control exposes tell of the others. */
  readonly surroundings: Surroundings;
  readonly around?: Around;
  /** How often callers may ask. */
  readonly limits?: Limits | undefined;
  /** Where gateways on other machines are reached. */
  readonly peers?: Peers | undefined;
}

/** One open port with all that is served on it. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly mount: Mount;
  /** Takes a request as the port does. */
  readonly handle: RequestListener;
  /** From now on requests are refused, but for those of operators; connections are still taken. */
  drain(): void;
  /** Takes no new connections, lets running requests end for `graceMs`, then ends them. */
  stop(graceMs: number): Promise<void>;
}

const DEFAULT_BODY_LIMIT = 10 * 1024 * 1024;

/** @throws the error of `listen`, EADDRINUSE for example; nothing stays open then */
export async function openListener(
  merged: Merged,
  context: ListenerContext,
  index: number,
): Promise<Listener> {
  const { mount } = merged;
  const { options, mask, log } = context;
  const { siblings } = options;
  const bodyLimit = options.maxBody ?? DEFAULT_BODY_LIMIT;
  const sharedKey = stateKey(options);
  const checks = createChecks(mount, sharedKey);
  const mcpOptions = {
    ...context.tools,
    ...(options.listTtl === undefined ? {} : { listTtlMs: options.listTtl }),
    maxBodyBytes: bodyLimit,
    ...(siblings === undefined ? {} : { sessionPrefix: sessionPrefix(siblings) }),
    ...(sharedKey === undefined ? {} : { sessionKey: sharedKey }),
    ...(context.limits === undefined ? {} : { limits: context.limits }),
    ...(context.peers === undefined ? {} : { peers: context.peers }),
  };
  const access = createEndpointAccess(merged, checks);
  const mcp = createMcpEndpoints(merged, access, context.version, mcpOptions);
  let stopping = false;
  const dispatch = createDispatch(
    {
      ...guardedRoutes(merged, checks, context.limits),
      mcp,
      documents: metadataDocuments(mcp),
      ...createOperatorFaces(mount, checks, context),
    },
    {
      upstream: context.upstream,
      scripts: context.scripts,
      readers: context.readers,
      bodyLimit,
      forwardHeaders: options.forwardHeaders ?? [],
      mask,
      onFailure: (error, { method, url = '' }) =>
        logFailure(log, error, { method, path: pathOf(url) }),
      loopback: isLoopback(mount.host),
      allowedHosts: options.allowedHosts ?? [],
      allowedOrigins: options.allowedOrigins ?? [],
      log,
      isStopping: () => stopping,
      around: context.around,
    },
  );
  // A session is held by one of several processes; one that alone serves holds them all.
  const shared = siblings !== undefined && mount.mcp.length > 0;
  const open = (handle: RequestListener): Server => {
    const server = createPatientServer(options, handle);
    // A client that asks before it sends is told no before it has sent anything.
    server.on('checkContinue', (request, response) => {
      if (isAnnouncedTooLarge(request, bodyLimit) && !dispatch.isForwarded(request)) {
        return sendProblem(response, bodyTooLarge(bodyLimit), mask, { unsent: true });
      }
      response.writeContinue();
      handle(request, response);
    });
    server.on('clientError', (error, socket) => answerUnreadable(error, socket, mask));
    return server;
  };
  const handle = shared ? relaying(siblings, index, dispatch) : dispatch;
  const server = open(context.peers === undefined ? handle : fromOutside(handle));
  const servers = [closable(server)];
  const freePort = siblings?.freePorts?.[index] ?? 0;
  const { host } = mount;
  await listening(server, { host, port: mount.port === 0 ? freePort : mount.port });
  if (shared) {
    const own = open(fromOther(dispatch));
    servers.push(closable(own));
    await listenForSiblings(own, siblings, index);
  }
  for (const each of servers)
    each.server.on('error', (error) => log.error({ cause: String(error) }, 'A listener failed.'));
  const { port } = server.address() as AddressInfo;
  return {
    host,
    port,
    mount,
    handle,
    drain() {
      stopping = true;
    },
    async stop(graceMs) {
      stopping = true;
      const closed = servers.map((each) => closing(each, graceMs));
      const handlers = new Set(Array.from(mcp.values(), ({ handler }) => handler));
      await Promise.all(Array.from(handlers, (handler) => handler.close(graceMs)));
      await Promise.all(closed);
    },
  };
}

const isLoopback = (host: string): boolean => host === '::1' || /^127\./.test(host);
