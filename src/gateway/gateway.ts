import { createRequire } from 'node:module';
import type { Finding } from '../document/finding.ts';
import type { Source } from '../document/source.ts';
import type { Log } from '../log.ts';
import { serveStdio } from '../mcp/stdio.ts';
import type { ToolOptions } from '../mcp/tools.ts';
import type { CapabilityPlan, McpPlan, UpstreamClient } from '../plan/plan.ts';
import { execute } from '../runtime/execute.ts';
import { createMask } from '../secrets.ts';
import { createUpstreamClient } from '../upstream/client.ts';
import { type Listener, type ListenerContext, logFailure, openListener } from './listener.ts';
import { type Loaded, loadCapabilities, planOf } from './load.ts';
import { type Conflict, type Mount, mergeRoutes, mergeTools, mountFaces } from './mount.ts';
import type { GatewayOptions } from './options.ts';

/** A running gateway. */
export interface Gateway {
  readonly capabilities: readonly CapabilityPlan[];
  readonly findings: readonly Finding[];
  /** Values that must not be shown; for a mask of one's own. */
  readonly secrets: ReadonlySet<string>;
  /** Files that were left out with `keepGoing`. */
  readonly leftOut: readonly string[];
  readonly listeners: readonly {
    readonly host: string;
    readonly port: number;
    readonly mount: Mount;
  }[];
  /** Settles when MCP over stdio has come to its end; undefined when nothing speaks on stdio. */
  readonly stdio: Promise<void> | undefined;
  /** Takes no new requests, lets running ones end within the stop timeout, closes everything. */
  stop(): Promise<void>;
}

/** The gateway did not start. `findings` say what is wrong with which file; `message` says the rest. */
export class StartError extends Error {
  readonly findings: readonly Finding[];
  readonly sources: readonly Source[];

  constructor(message: string, findings: readonly Finding[] = [], sources: readonly Source[] = []) {
    super(message);
    this.name = 'StartError';
    this.findings = findings;
    this.sources = sources;
  }
}

const { version } = createRequire(import.meta.url)('#package') as { version: string };

/**
 * Reads, checks and compiles the files, opens every port, and serves.
 * @throws StartError when a file has an error or a port cannot be opened; nothing stays open then
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const loaded = await loadCapabilities(options);
  try {
    return await serve(loaded, options);
  } catch (error) {
    await loaded.mock?.close();
    throw error;
  }
}

async function serve(loaded: Loaded, options: GatewayOptions): Promise<Gateway> {
  const { capabilities, leftOut, mounted } = chooseServed(loaded, options);
  const mask = createMask(loaded.secrets);
  const log = options.log ?? SILENT;
  const upstream = createUpstreamClient({
    userAgent: `naftiko-gateway/${version}`,
    ...(options.timeout === undefined
      ? {}
      : { totalTimeout: options.timeout, headersTimeout: Math.min(30_000, options.timeout) }),
    ...(options.maxAnswer === undefined ? {} : { maxHeldBytes: options.maxAnswer }),
  });
  const tools = toolOptions(upstream, mask, log);
  const context: ListenerContext = { upstream, tools, mask, log, options, version };
  const listeners: Listener[] = [];
  const stdioStop = new AbortController();
  const stopAll = async (graceMs: number): Promise<void> => {
    stdioStop.abort();
    await Promise.all(listeners.map((listener) => listener.stop(graceMs)));
    await upstream.close();
    await loaded.mock?.close();
  };
  try {
    for (const { mount, routes, tools: served } of mounted) {
      listeners.push(await openListener(mount, routes, served, context));
    }
  } catch (error) {
    await stopAll(0);
    throw startErrorOf(error, loaded);
  }
  const stdio = startStdio(capabilities, options, tools, stdioStop.signal);
  let stopped: Promise<void> | undefined;
  return {
    capabilities,
    findings: loaded.findings,
    secrets: loaded.secrets,
    leftOut,
    listeners,
    stdio,
    stop() {
      stopped ??= stopAll(options.stopTimeout ?? 10_000);
      return stopped;
    },
  };
}

interface Served {
  readonly capabilities: readonly CapabilityPlan[];
  readonly leftOut: readonly string[];
  readonly mounted: readonly {
    readonly mount: Mount;
    readonly routes: ReturnType<typeof mergeRoutes>['routes'];
    readonly tools: ReturnType<typeof mergeTools>['tools'];
  }[];
}

/** What is served of what was loaded: all of it, or with `keepGoing` what can be. */
function chooseServed(loaded: Loaded, options: GatewayOptions): Served {
  const { refused, findings, sources } = loaded;
  const keepGoing = options.keepGoing === true;
  if (refused.length > 0 && !keepGoing) {
    throw new StartError(
      `${refused.length === 1 ? 'A file has' : `${refused.length} files have`} errors, so nothing is served.${sources.length > refused.length ? ' --keep-going serves the rest.' : ''}`,
      findings,
      sources,
    );
  }
  let capabilities = loaded.capabilities.map(planOf);
  const leftOut = [...refused];
  for (;;) {
    if (capabilities.length === 0)
      throw new StartError('There is nothing to serve.', findings, sources);
    const stdioOnly = options.stdio === true;
    const mounted = (stdioOnly ? [] : mountFaces(capabilities, options)).map((mount) => {
      const routes = mergeRoutes(mount);
      const tools = mergeTools(mount);
      return {
        mount,
        routes: routes.routes,
        tools: tools.tools,
        conflicts: [...routes.conflicts, ...tools.conflicts],
      };
    });
    const conflicts = mounted.flatMap((entry) => entry.conflicts);
    if (conflicts.length === 0) return { capabilities, leftOut, mounted };
    if (!keepGoing)
      throw new StartError(conflicts.map(({ message }) => message).join('\n'), findings, sources);
    const out = new Set(conflicts.map(({ later }: Conflict) => later));
    leftOut.push(...[...out].map(({ file }) => file));
    capabilities = capabilities.filter((capability) => !out.has(capability));
  }
}

function toolOptions(
  upstream: UpstreamClient,
  mask: (text: string) => string,
  log: Log,
): ToolOptions {
  return {
    run: (tool, values, signal) =>
      execute(tool.operation, values, { upstream, signal, hold: true }),
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
  const faces = capabilities.flatMap((capability) =>
    capability.faces
      .filter(
        (face): face is McpPlan =>
          face.face === 'mcp' && (options.stdio === true || face.transport === 'stdio'),
      )
      .map((plan) => ({ plan, capability })),
  );
  const [first] = faces;
  if (first === undefined) return undefined;
  const merged = mergeTools({ host: '', port: 0, rest: [], mcp: faces });
  return serveStdio(
    {
      name: faces.length === 1 ? first.plan.namespace : 'naftiko',
      title: faces.length === 1 ? first.capability.label : 'Naftiko gateway',
      version,
      ...(first.capability.description === undefined
        ? {}
        : { instructions: first.capability.description }),
      tools: merged.tools,
    },
    { ...tools, stdin: process.stdin, stdout: process.stdout, signal },
  );
}

function startErrorOf(error: unknown, loaded: Loaded): StartError {
  const { code, port, address, message } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  const how = 'Choose another with --rest-port, --mcp-port or --port <namespace>=<port>.';
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${address} is taken by another program. End that program, or choose another port: --rest-port, --mcp-port or --port <namespace>=<port>.`,
    EACCES: `Port ${port} may not be opened by this user. ${how}`,
    EADDRNOTAVAIL: `The address ${address} is not one of this machine's. Correct the file's "address", or give one with --host.`,
    ENOTFOUND: `The address ${address ?? ''} of a listener cannot be found. Correct the file's "address", or give one with --host.`,
  };
  return new StartError(
    sentences[code ?? ''] ?? `A port could not be opened: ${message}`,
    loaded.findings,
    loaded.sources,
  );
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
