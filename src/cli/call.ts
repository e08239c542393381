import { renderFindings } from '../document/render.ts';
import { nearest } from '../document/suggest.ts';
import type { GatewayError } from '../errors.ts';
import { type Loaded, loadCapabilities, planOf } from '../gateway/load.ts';
import { isInputRequired, plainContext } from '../mcp/conversation.ts';
import type { ToolResult } from '../mcp/result.ts';
import { createToolCore, type ToolRunner } from '../mcp/tools.ts';
import type { McpPlan, ToolPlan } from '../plan/plan.ts';
import { execute } from '../runtime/execute.ts';
import { createMask, type Mask } from '../secrets.ts';
import { USER_AGENT, version } from '../version.ts';
import { type ArgumentFlags, argumentsOf } from './arguments.ts';
import { ofRefusedFiles } from './findings.ts';
import { requestText } from './request-text.ts';
import { type Terminal, UsageError } from './terminal.ts';
import { showError, showResult } from './tool-result.ts';

export interface CallFlags extends ArgumentFlags {
  readonly dryRun?: boolean;
  readonly mock?: boolean;
  readonly envFile?: string;
  readonly allowImport?: readonly string[];
  readonly baseUri?: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly ambiguousCalls: 'first' | 'nearest';
}

/**
 * Runs one tool; its answer goes to stdout. Exit status 1 when the call failed, 2 when the arguments
 * do not fit the tool.
 * @throws UsageError
 */
export async function callTool(
  file: string,
  name: string,
  flags: CallFlags,
  terminal: Terminal,
): Promise<number> {
  const args = argumentsOf(flags);
  const loaded = await load(file, flags);
  try {
    const mask = createMask(loaded.secrets);
    const refused = ofRefusedFiles(loaded.findings);
    if (refused.length > 0) {
      const { color } = terminal;
      terminal.err(mask(renderFindings(refused, loaded.sources, { color })));
      return 1;
    }
    const tools = toolsOf(loaded);
    if (!tools.some(({ definition }) => definition.name === name))
      throw new UsageError(unknownTool(file, name, tools));
    const call = { name, args, tools, mask };
    return await (flags.dryRun === true
      ? showRequest(call, terminal)
      : send(call, flags, terminal));
  } finally {
    await loaded.mock?.close();
  }
}

interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly tools: readonly ToolPlan[];
  readonly mask: Mask;
}

function load(file: string, flags: CallFlags): Promise<Loaded> {
  const { baseUri: baseUris = {}, envFile, mock, allowImport = [], ambiguousCalls } = flags;
  return loadCapabilities({
    files: [file],
    baseUris,
    allowImport,
    ambiguousCalls,
    ...(envFile === undefined ? {} : { envFile }),
    ...(mock === undefined ? {} : { mock }),
  });
}

const toolsOf = ({ capabilities }: Loaded): ToolPlan[] =>
  capabilities
    .flatMap((capability) => planOf(capability).faces)
    .filter((face): face is McpPlan => face.face === 'mcp')
    .flatMap(({ tools }) => tools);

async function send(call: Call, flags: CallFlags, terminal: Terminal): Promise<number> {
  const { createUpstreamClient } = await import('../upstream/client.ts');
  const { createAuthorizingClient } = await import('../access/authorizing.ts');
  const { timeout } = flags;
  const client = createUpstreamClient({
    userAgent: USER_AGENT,
    ...(timeout === undefined ? {} : { totalTimeout: timeout, headersTimeout: timeout }),
  });
  const upstream = createAuthorizingClient(client);
  try {
    const ran = await runTool(call, (tool, values, { signal }) =>
      execute(tool.operation, values, { upstream, signal, hold: true }),
    );
    if (ran.status !== 0) showError(ran.result, terminal, call.mask);
    else showResult(ran.result, terminal, call.mask);
    return ran.status;
  } finally {
    await upstream.close();
  }
}

async function showRequest(call: Call, terminal: Terminal): Promise<number> {
  const { result, status } = await runTool(call, async ({ operation: { steps } }, input) => {
    const [step] = steps;
    if (step !== undefined) terminal.out(requestText(step.build({ input, steps: {} }), call.mask));
    if (steps.length > 1)
      terminal.err(`The first of ${steps.length} requests; the others depend on its answer.`);
    return { kind: 'value', value: null, status: 200 };
  });
  if (status !== 0) showError(result, terminal, call.mask);
  return status;
}

interface Ran {
  readonly result: ToolResult;
  readonly status: number;
}

async function runTool({ name, args, tools, mask }: Call, run: ToolRunner): Promise<Ran> {
  let failure: GatewayError | undefined;
  const onFailure = (error: GatewayError): void => {
    failure = error;
  };
  const core = createToolCore({ name: 'naftiko', version, tools }, { run, mask, onFailure });
  const asks = tools.find(({ definition }) => definition.name === name)?.operation.chain ?? [];
  const asked = asks.find(({ step }) => step.kind === 'ask' && !step.optional);
  if (asked !== undefined) {
    const why = `The step "${asked.step.name}" of this tool asks the client that calls it, and a command line is none that can be asked. Call it from an MCP client.`;
    throw new Error(why);
  }
  const result = await core.call(name, args, plainContext(new AbortController().signal));
  if (isInputRequired(result)) throw new TypeError('Nobody can be asked from here.');
  if (result.isError !== true) return { result, status: 0 };
  return { result, status: failure?.code === 'INPUT_INVALID' ? 2 : 1 };
}

const NAMES_LISTED = 20;

function unknownTool(file: string, name: string, tools: readonly ToolPlan[]): string {
  const names = tools.map(({ definition }) => definition.name);
  const near = nearest(name, names);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  if (names.length === 0) return `${file} has no tool "${name}"; it exposes none over MCP.`;
  const more = names.length - NAMES_LISTED;
  const list = names.slice(0, NAMES_LISTED).join(', ');
  return `${file} has no tool "${name}".${hint} It has: ${list}${
    more > 0 ? ` and ${more} more, which naftiko inspect ${file} shows` : ''
  }.`;
}
