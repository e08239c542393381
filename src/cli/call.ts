import { renderFindings } from '../document/render.ts';
import { nearest } from '../document/suggest.ts';
import { GatewayError } from '../errors.ts';
import { type Loaded, loadCapabilities, planOf } from '../gateway/load.ts';
import { isInputRequired, plainContext } from '../mcp/conversation.ts';
import type { ToolResult } from '../mcp/result.ts';
import { createToolCore, type ToolRunner } from '../mcp/tools.ts';
import type { McpPlan, ToolPlan } from '../plan/plan.ts';
import { execute } from '../runtime/execute.ts';
import { createSecrets, type Mask, type Secrets } from '../secrets.ts';
import { USER_AGENT, version } from '../version.ts';
import { type ArgumentFlags, argumentsOf } from './arguments.ts';
import { dryRun, dryRunData, dryRunText, hasSessions, hasSymbols } from './dry-run.ts';
import { maskedJson, ofRefusedFiles } from './findings.ts';
import { plain } from './plain.ts';
import { type Terminal, UsageError } from './terminal.ts';
import { showError, showResult } from './tool-result.ts';

export interface CallFlags extends ArgumentFlags {
  readonly dryRun?: boolean;
  readonly mock?: boolean;
  readonly envFile?: string;
  readonly allowImport?: readonly string[];
  readonly allowScripts?: boolean;
  readonly baseUri?: Readonly<Record<string, string>>;
  readonly connectTo?: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly ambiguousCalls: 'first' | 'nearest';
  /** How `dryRun` shows it. */
  readonly format?: 'text' | 'json';
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
    const { mask, learn } = createSecrets(loaded.secrets);
    const refused = ofRefusedFiles(loaded.findings);
    if (refused.length > 0) {
      const { color } = terminal;
      terminal.err(mask(renderFindings(refused, loaded.sources, { color })));
      return 1;
    }
    const tools = toolsOf(loaded);
    if (!tools.some(({ definition }) => definition.name === name))
      throw new UsageError(unknownTool(file, name, tools));
    const call = { name, args, tools, mask, learn };
    learn(call, credentialsIn(call));
    return await (flags.dryRun === true
      ? showRun(call, flags, terminal)
      : send(call, flags, terminal));
  } finally {
    await loaded.standIns?.close();
  }
}

interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly tools: readonly ToolPlan[];
  readonly mask: Mask;
  readonly learn: Secrets['learn'];
}

/** What the caller gives of his own credentials. */
function credentialsIn({ name, args, tools }: Call): string[] {
  const tool = tools.find(({ definition }) => definition.name === name);
  const inputs = tool?.operation.inputs.filter(({ secret }) => secret === true) ?? [];
  const given = inputs.flatMap((input) => [args[input.name], args[input.key]]);
  return given.filter((value) => value !== undefined).map(String);
}

function load(file: string, flags: CallFlags): Promise<Loaded> {
  const { baseUri: baseUris = {}, envFile, mock, allowImport = [], ambiguousCalls } = flags;
  // What is only shown runs no script.
  const allowScripts = flags.allowScripts === true || flags.dryRun === true;
  return loadCapabilities({
    files: [file],
    baseUris,
    allowImport,
    allowScripts,
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
  const { createScriptRunner } = await import('../script/runner.ts');
  const { timeout, connectTo } = flags;
  const client = createUpstreamClient({
    userAgent: USER_AGENT,
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(timeout === undefined ? {} : { totalTimeout: timeout, headersTimeout: timeout }),
  });
  const upstream = createAuthorizingClient(client, { learn: call.learn });
  const scripts = createScriptRunner({
    onPrint: (script, line) => terminal.err(plain(call.mask(`${script}: ${line}`))),
  });
  try {
    const ran = await runTool(call, (tool, values, { signal }) =>
      execute(tool.operation, values, { upstream, scripts, signal, hold: true }),
    );
    if (ran.status === 0) showResult(ran.result, terminal, call.mask);
    else {
      showError(ran.result, terminal, call.mask);
      const said = saidByScript(ran.failure);
      if (said !== undefined) terminal.err(plain(call.mask(`It said: ${said}`)));
    }
    return ran.status;
  } finally {
    await scripts.close();
    await upstream.close();
  }
}

async function showRun(call: Call, flags: CallFlags, terminal: Terminal): Promise<number> {
  const { result, status } = await runTool(call, async (tool, input) => {
    const run = dryRun(tool, input);
    if (flags.format === 'json') terminal.out(maskedJson(dryRunData(run), call.mask));
    else {
      terminal.out(dryRunText(run, call.mask));
      if (run.runs === 'mock') terminal.err('No request is sent: this is what the tool answers.');
      else if (hasSymbols(run)) terminal.err('{$.step…} stands for what an earlier step gives.');
      if (hasSessions(run)) terminal.err('{session.…} stands for what logging in gives.');
    }
    return { kind: 'value', value: null, status: 200 };
  });
  if (status !== 0) showError(result, terminal, call.mask);
  return status;
}

/** What a script threw, which callers of the gateway never see. */
function saidByScript(failure: GatewayError | undefined): string | undefined {
  if (failure?.code !== 'SCRIPT_FAILED') return undefined;
  let said = failure.cause;
  while (said instanceof GatewayError) said = said.cause;
  return said instanceof Error ? said.message : undefined;
}

interface Ran {
  readonly result: ToolResult;
  readonly status: number;
  readonly failure: GatewayError | undefined;
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
  if (result.isError !== true) return { result, status: 0, failure };
  return { result, status: failure?.code === 'INPUT_INVALID' ? 2 : 1, failure };
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
