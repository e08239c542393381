import { renderFindings } from '../document/render.ts';
import { loadCapabilities, planOf } from '../gateway/load.ts';
import { createToolCore, type ToolRunner } from '../mcp/tools.ts';
import type { McpPlan, UpstreamRequest } from '../plan/plan.ts';
import { execute } from '../runtime/execute.ts';
import { createMask } from '../secrets.ts';
import { createUpstreamClient } from '../upstream/client.ts';
import { type Terminal, UsageError } from './terminal.ts';

export interface CallFlags {
  readonly arg: readonly string[];
  readonly args?: string;
  readonly dryRun?: boolean;
  readonly mock?: boolean;
  readonly envFile?: string;
  readonly baseUri: Readonly<Record<string, string>>;
  readonly timeout?: number;
  readonly ambiguousCalls: 'first' | 'nearest';
}

/** Runs one tool; its answer goes to stdout. Exit status 1 when the call failed. */
export async function callTool(
  file: string,
  name: string,
  flags: CallFlags,
  terminal: Terminal,
): Promise<number> {
  const args = argumentsOf(flags);
  const loaded = await loadCapabilities({
    files: [file],
    baseUris: flags.baseUri,
    ambiguousCalls: flags.ambiguousCalls,
    ...(flags.envFile === undefined ? {} : { envFile: flags.envFile }),
    ...(flags.mock === undefined ? {} : { mock: flags.mock }),
  });
  const upstream = createUpstreamClient(
    flags.timeout === undefined ? {} : { totalTimeout: flags.timeout },
  );
  try {
    const errors = loaded.findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      terminal.err(renderFindings(errors, loaded.sources, { color: terminal.color }));
      return 1;
    }
    const tools = loaded.capabilities
      .flatMap((capability) => planOf(capability).faces)
      .filter((face): face is McpPlan => face.face === 'mcp')
      .flatMap((face) => face.tools);
    if (!tools.some(({ definition }) => definition.name === name)) {
      throw new UsageError(
        `${file} has no tool "${name}". It has: ${tools.map(({ definition }) => definition.name).join(', ') || 'none'}.`,
      );
    }
    const mask = createMask(loaded.secrets);
    const send: ToolRunner = (tool, values, signal) =>
      execute(tool.operation, values, { upstream, signal, hold: true });
    const show: ToolRunner = async (tool, values) => {
      const [step] = tool.operation.steps;
      if (step !== undefined)
        terminal.out(mask(requestText(step.build({ input: values, steps: {} }))));
      return { kind: 'value', value: null, status: 200 };
    };
    const core = createToolCore(
      { name: 'call', version: '0', tools },
      { run: flags.dryRun === true ? show : send, mask },
    );
    const result = await core.call(name, args, new AbortController().signal);
    if (flags.dryRun !== true || result.isError === true) {
      for (const part of result.content) {
        const text = part.type === 'text' ? part.text : JSON.stringify(part);
        if (result.isError === true) terminal.err(text);
        else terminal.out(text);
      }
    }
    return result.isError === true ? 1 : 0;
  } finally {
    await upstream.close();
    await loaded.mock?.close();
  }
}

function argumentsOf(flags: CallFlags): Record<string, unknown> {
  const args: Record<string, unknown> = flags.args === undefined ? {} : parseArguments(flags.args);
  const given = new Map<string, string[]>();
  for (const pair of flags.arg) {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new UsageError(`--arg ${pair}: write it as --arg <name>=<value>.`);
    const name = pair.slice(0, equals);
    given.set(name, [...(given.get(name) ?? []), pair.slice(equals + 1)]);
  }
  for (const [name, values] of given) args[name] = values.length === 1 ? values[0] : values;
  return args;
}

function parseArguments(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(
      '--args takes one JSON object, as in --args \'{"id": 7}\'; this is not valid JSON.',
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('--args takes a JSON object, as in --args \'{"id": 7}\'.');
  return value as Record<string, unknown>;
}

/** A request as HTTP and as a curl command. */
function requestText({ origin, method, path, headers, body }: UpstreamRequest): string {
  const pairs = Array.from(
    { length: headers.length / 2 },
    (_, index) => [headers[2 * index] as string, headers[2 * index + 1] as string] as const,
  );
  const shown = pairs.map(
    ([name, value]) => [name, Buffer.from(value, 'latin1').toString('utf8')] as const,
  );
  const content = body?.toString('utf8');
  const http = [
    `${method} ${path} HTTP/1.1`,
    `host: ${new URL(origin).host}`,
    ...shown.map(([name, value]) => `${name}: ${value}`),
    ...(content === undefined ? [] : ['', content]),
  ];
  const curl = [
    'curl',
    '-X',
    method,
    quote(origin + path),
    ...shown.flatMap(([name, value]) => ['-H', quote(`${name}: ${value}`)]),
    ...(content === undefined ? [] : ['--data-binary', quote(content)]),
  ];
  return `${http.join('\n')}\n\n${curl.join(' ')}`;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
