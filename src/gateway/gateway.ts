import { createAuthorizingClient } from '../access/authorizing.ts';
import type { Finding } from '../document/finding.ts';
import { createReaders } from '../format/reading.ts';
import { boundedClient } from '../limits/bounded.ts';
import type { Log } from '../log.ts';
import type { RunContext } from '../mcp/conversation.ts';
import { createRounds } from '../mcp/state.ts';
import type { ToolOptions } from '../mcp/tools.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { measuredClient } from '../metrics/upstream.ts';
import type { CapabilityPlan, McpPlan, OperationPlan, Values } from '../plan/plan.ts';
import { converse, type ExecutionContext, execute } from '../runtime/execute.ts';
import type { Sandbox } from '../sandbox/systems.ts';
import { createScriptRunner } from '../script/runner.ts';
import { createSecrets, type Mask } from '../secrets.ts';
import { createUpstreamClient } from '../upstream/client.ts';
import { USER_AGENT, version } from '../version.ts';
import { advertised } from './advertised.ts';
import { withCache } from './caching.ts';
import { type Chosen, chooseServed } from './choose.ts';
import { toolsetOf } from './endpoints.ts';
import { logFailure } from './failure-log.ts';
import { forwardedHeaders } from './forwarded.ts';
import { counting, createLimits, type Limits } from './limiting.ts';
import { type Listener, type ListenerContext, openListener } from './listener.ts';
import { type Loaded, loadCapabilities } from './load.ts';
import { areMetricsRead, measuringCalls, measuringRoutes } from './measured.ts';
import { mergeMount } from './merge.ts';
import { listenerNames, type Mount } from './mount.ts';
import type { GatewayOptions } from './options.ts';
import { openPeerDoor, type PeerDoor } from './peers.ts';
import { redisUrl, secretsOf, shareGrants, shareThrough } from './sharing.ts';
import { explainAdvertised, explainPort, StartError } from './start-error.ts';
import { stateKey } from './state-key.ts';
import { successorsIn } from './successors.ts';
import { createSurroundings } from './surroundings.ts';
import { warmUp } from './warm.ts';

export { StartError } from './start-error.ts';

/** A running gateway. */
export interface Gateway {
  readonly capabilities: readonly CapabilityPlan[];
  readonly findings: readonly Finding[];
  /** Values of the files that must not be shown; for a mask of one's own. */
  readonly secrets: ReadonlySet<string>;
  /** Hides those, and what sessions are given while the gateway runs. */
  readonly mask: Mask;
  /** Files that were left out with `keepGoing`. */
  readonly leftOut: readonly string[];
  readonly listeners: readonly {
    readonly host: string;
    readonly port: number;
    readonly mount: Mount;
  }[];
  /** What stands in for the systems that the files call, when asked for. */
  readonly sandboxes: readonly Sandbox[];
  /** Settles when MCP over stdio has come to its end; undefined when nothing speaks on stdio. */
  readonly stdio: Promise<void> | undefined;
  /** What is counted, where that is wanted. */
  readonly metrics: Metrics | undefined;
  /** Takes no new requests, lets running ones end within the stop timeout, closes everything. */
  stop(): Promise<void>;
}

const DEFAULT_STOP_TIMEOUT_MS = 10_000;
/** More is cut or refused by widespread clients, without a word on what is missing. */
const DEFAULT_ANSWER_CHARACTERS = 150_000;

/**
 * Reads, checks and compiles the files, opens every port, and serves.
 * @throws StartError when a file has an error or a port cannot be opened; nothing stays open then
 * @throws OptionError when an option cannot be fulfilled whatever the files hold
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  stateKey(options);
  redisUrl(options);
  advertised(options);
  const forwardHeaders = forwardedHeaders(options.forwardHeaders ?? []);
  const loaded = await loadCapabilities(options);
  try {
    return await serve(loaded, chooseServed(loaded, options), { ...options, forwardHeaders });
  } catch (error) {
    await loaded.standIns?.close();
    throw error;
  }
}

async function serve(loaded: Loaded, chosen: Chosen, options: GatewayOptions): Promise<Gateway> {
  const { capabilities, findings, leftOut, merged } = chosen;
  // No closure names `loaded`: what a gateway holds on to would keep every parsed file.
  const { secrets, standIns } = loaded;
  const { mask, learn } = createSecrets([...secrets, ...secretsOf(redisUrl(options))]);
  const log = options.log ?? SILENT;
  const metrics = areMetricsRead(capabilities, options) ? await startMetrics() : undefined;
  const client = createUpstreamClient(upstreamOptions(options));
  const measured = metrics === undefined ? client : measuredClient(client, metrics.upstream);
  const redis = await shareThrough(redisUrl(options), options, log, metrics);
  const grants = await shareGrants(redis);
  const authorizing = createAuthorizingClient(measured, { learn, grants });
  const { maxCalls } = options;
  const bounded = maxCalls === undefined ? authorizing : boundedClient(authorizing, maxCalls);
  const upstream = await withCache(bounded, capabilities, options, { metrics, redis });
  const limits = await createLimits(capabilities, options, { metrics, redis });
  const scripts = createScriptRunner({
    onPrint: (script, line) => log.debug({ script }, mask(line)),
    ...(options.python === undefined ? {} : { python: options.python }),
  });
  const readers = createReaders();
  const { maxBinary } = options;
  const tools = {
    ...toolOptions({ upstream, scripts, readers, hold: true }, mask, log, options, limits),
    ...(maxBinary === undefined ? {} : { maxBinaryBytes: maxBinary }),
    ...(metrics === undefined ? {} : { aroundCall: measuringCalls(metrics, capabilities) }),
  };
  const listeners: Listener[] = [];
  const state = { draining: false, speaksStdio: false };
  const { siblings } = options;
  const shown = metrics && { ...metrics, text: siblings?.metrics ?? metrics.text };
  const surroundings = createSurroundings(capabilities, listeners, state, shown);
  const stdioStop = new AbortController();
  let peers: PeerDoor | undefined;
  let stdio: Promise<void> | undefined;
  const stopAll = async (graceMs: number): Promise<void> => {
    const deadline = performance.now() + graceMs;
    state.draining = true;
    stdioStop.abort();
    for (const listener of listeners) listener.drain();
    // Others go on with what is held here, instead of being refused.
    const unreached = peers?.close(graceMs);
    // Operators ask to the very end whether the gateway is ready.
    const isLast = ({ mount }: Listener): boolean => mount.control.length > 0;
    const stop = (which: readonly Listener[]): Promise<unknown> =>
      Promise.all(
        which.map((listener) => listener.stop(Math.max(0, deadline - performance.now()))),
      );
    await Promise.all([stdio, stop(listeners.filter((listener) => !isLast(listener)))]);
    await stop(listeners.filter(isLast));
    await unreached;
    peers?.leave();
    await Promise.all([scripts.close(), readers.close()]);
    const closed = upstream.close();
    // Told twice, it ends what still runs: nobody is left to be answered.
    await upstream.close();
    await closed;
    await redis?.close();
    await standIns?.close();
  };
  const names = listenerNames(merged.map(({ mount }) => mount));
  const at = advertised(options);
  if (at !== undefined) {
    try {
      const key = stateKey(options) as string;
      const serve = (name: string) => listeners[names.indexOf(name)]?.handle;
      const successors = redis && successorsIn(redis);
      peers = await openPeerDoor({ at, key, serve, successors, log, metrics });
    } catch (error) {
      await stopAll(0);
      const why = explainAdvertised(error as NodeJS.ErrnoException, at);
      throw new StartError(why, { ...loaded, findings });
    }
  }
  const context: ListenerContext = {
    ...{ upstream, scripts, readers, tools, mask },
    ...{ log, options, version, surroundings, limits },
    ...(metrics === undefined ? {} : { around: measuringRoutes(metrics, capabilities) }),
  };
  for (const [index, each] of merged.entries()) {
    try {
      const named = { ...context, peers: peers?.of(names[index] as string) };
      listeners.push(await openListener(each, named, index));
    } catch (error) {
      await stopAll(0);
      const opened = listeners.map(({ mount }) => mount);
      const why = explainPort(error as NodeJS.ErrnoException, each.mount, opened);
      throw new StartError(why, { ...loaded, findings });
    }
  }
  warmUp();
  stdio = startStdio(capabilities, options, tools, stdioStop.signal);
  state.speaksStdio = stdio !== undefined;
  const silent = (): void => {
    state.speaksStdio = false;
  };
  stdio?.then(silent, silent);
  let stopped: Promise<void> | undefined;
  return {
    capabilities,
    findings,
    secrets,
    mask,
    leftOut,
    listeners,
    sandboxes: standIns?.sandboxes ?? [],
    stdio,
    metrics,
    stop() {
      stopped ??= stopAll(options.stopTimeout ?? DEFAULT_STOP_TIMEOUT_MS);
      return stopped;
    },
  };
}

/** Loaded only when wanted: most commands serve nobody. */
async function startMetrics(): Promise<Metrics> {
  const { createMetrics } = await import('../metrics/metrics.ts');
  return createMetrics(version);
}

function upstreamOptions(options: GatewayOptions) {
  const { timeout, streamTimeout, maxAnswer, connectTo, maxConnections, keepAlive } = options;
  return {
    userAgent: USER_AGENT,
    ...(maxConnections === undefined ? {} : { connections: maxConnections }),
    ...(keepAlive === undefined ? {} : { keepAlive }),
    ...(timeout === undefined ? {} : { totalTimeout: timeout, headersTimeout: timeout }),
    ...(streamTimeout === undefined ? {} : { streamTimeout }),
    ...(maxAnswer === undefined ? {} : { maxHeldBytes: maxAnswer }),
    ...(connectTo === undefined ? {} : { connectTo }),
  };
}

function toolOptions(
  context: ExecutionContext,
  mask: (text: string) => string,
  log: Log,
  options: GatewayOptions,
  limits: Limits | undefined,
): ToolOptions {
  const { pageSize, maxAnswerChars = DEFAULT_ANSWER_CHARACTERS, maxAnswerTokens = 0 } = options;
  const { upstream, scripts, readers, hold } = context;
  const run = (operation: OperationPlan, values: Values, running: RunContext) => {
    const { signal, dialogue, progress } = running;
    // Where nobody can be asked or told, there is nothing to converse about.
    return dialogue === undefined && progress === undefined
      ? execute(operation, values, { upstream, scripts, readers, hold, signal })
      : converse(operation, values, { ...context, ...running });
  };
  const counted = counting(limits);
  return {
    rounds: createRounds({ key: stateKey(options) }),
    maxAnswer: { characters: maxAnswerChars, tokens: maxAnswerTokens },
    ...(pageSize === undefined ? {} : { pageSize }),
    run: counted((tool, values, context) => run(tool.operation, values, context)),
    runPrompt: counted(({ operation }, values, context) => run(operation, values, context)),
    runCompletion: (operation, values, { signal }) =>
      execute(operation, values, { ...context, signal }),
    readResource: counted((resource, values, { signal }) =>
      execute(resource.operation, values, { ...context, signal }),
    ),
    mask,
    onFailure: (error, tool) => logFailure(log, error, { tool }),
  };
}

/** Exposes with `transport: stdio`, or every MCP expose when stdio was asked for, on stdin and stdout. */
function startStdio(
  capabilities: readonly CapabilityPlan[],
  options: GatewayOptions,
  tools: ToolOptions,
  signal: AbortSignal,
): Promise<void> | undefined {
  const mcp = capabilities.flatMap((capability) =>
    capability.faces
      .filter(
        (face): face is McpPlan =>
          face.face === 'mcp' && (options.stdio === true || face.transport === 'stdio'),
      )
      .map((plan) => ({ plan, capability })),
  );
  if (mcp.length === 0) return undefined;
  const mount: Mount = { host: '', port: 0, rest: [], mcp, skill: [], control: [] };
  const merged = mergeMount(mount, options.toolNames ?? 'published');
  const toolset = toolsetOf(mcp, merged, version);
  const settings = {
    ...tools,
    stdin: process.stdin,
    stdout: process.stdout,
    signal,
    graceMs: options.stopTimeout ?? DEFAULT_STOP_TIMEOUT_MS,
    ...(options.listTtl === undefined ? {} : { listTtlMs: options.listTtl }),
  };
  return import('../mcp/stdio.ts').then(({ serveStdio }) => serveStdio(toolset, settings));
}

const nothing = (): void => {};
const SILENT: Log = {
  level: 'silent',
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  isLevelEnabled: () => false,
};
