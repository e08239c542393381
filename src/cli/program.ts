import { createRequire } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { type CallFlags, callTool } from './call.ts';
import { type InspectFlags, inspect } from './inspect.ts';
import { run } from './run.ts';
import type { RunFlags } from './run-options.ts';
import { processTerminal, type Terminal, UsageError } from './terminal.ts';
import { type ValidateFlags, validate } from './validate.ts';

const { version, description } = createRequire(import.meta.url)('#package') as {
  version: string;
  description: string;
};

export interface Program {
  /** Runs one command and gives its exit status: 0 done, 1 bad file or failed start, 2 bad usage. */
  run(args: readonly string[]): Promise<number>;
}

export function createProgram(terminal: Terminal = processTerminal): Program {
  return {
    async run(args) {
      let status = 0;
      const program = defineCommands(terminal, (code) => {
        status = code;
      });
      try {
        await program.parseAsync([...args], { from: 'user' });
        return status;
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
        if (error instanceof UsageError) {
          terminal.err(`naftiko: ${error.message}`);
          return 2;
        }
        terminal.err(`naftiko: ${(error as Error).message}`);
        return 1;
      }
    },
  };
}

function defineCommands(terminal: Terminal, done: (status: number) => void): Command {
  const program = new Command('naftiko');
  program
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showHelpAfterError('(naftiko --help lists commands and options)')
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });

  runOptions(
    program
      .command('run')
      .description('check, compile and serve capability files over REST and MCP')
      .argument('[files...]', 'capability files, or folders of them (default: naftiko.yaml)'),
  ).action(async (files: string[], flags: RunFlags) => done(await run(files, flags, terminal)));

  program
    .command('validate')
    .description('report everything that is wrong with capability files')
    .argument('<files...>', 'capability files, or folders of them')
    .option('--strict', 'judge by the published schema, too')
    .option('--env-file <file>', 'a dotenv file; the environment wins over it')
    .addOption(
      new Option('--format <format>', 'how findings are shown')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async (files: string[], flags: ValidateFlags) =>
      done(await validate(files, flags, terminal)),
    );

  program
    .command('inspect')
    .description(
      'print what a capability file becomes: routes, tools, upstream operations, variables',
    )
    .argument('<files...>', 'capability files, or folders of them')
    .option('--env-file <file>', 'a dotenv file; the environment wins over it')
    .option('--prefix', 'mount each REST expose under its namespace')
    .option(
      '--base-uri <namespace=url>',
      'base URI of a consumed API; may be repeated',
      collectPairs,
      {},
    )
    .addOption(toolNamesOption())
    .addOption(ambiguousCallsOption())
    .addOption(
      new Option('--format <format>', 'how it is shown').choices(['text', 'json']).default('text'),
    )
    .action(async (files: string[], flags: InspectFlags) =>
      done(await inspect(files, flags, terminal)),
    );

  program
    .command('call')
    .description('run one tool of a capability file from the command line')
    .argument('<file>', 'a capability file')
    .argument('<tool>', 'name of the tool')
    .option(
      '-a, --arg <name=value>',
      'an argument; may be repeated, the same name makes a list',
      collect,
      [],
    )
    .option('--args <json>', 'all arguments as one JSON object')
    .option('--dry-run', 'print the upstream request, secrets masked, and send nothing')
    .option('--mock', 'call a mock of the consumed API in this process')
    .option('--env-file <file>', 'a dotenv file; the environment wins over it')
    .option(
      '--base-uri <namespace=url>',
      'base URI of a consumed API; may be repeated',
      collectPairs,
      {},
    )
    .option('--timeout <duration>', 'most time for the upstream call: 30s, 500ms', duration)
    .addOption(ambiguousCallsOption())
    .action(async (file: string, tool: string, flags: CallFlags) =>
      done(await callTool(file, tool, flags, terminal)),
    );
  return program;
}

const toolNamesOption = (): Option =>
  new Option('--tool-names <way>', 'serve tool names as published, or shortened to 64 characters')
    .choices(['published', 'short'])
    .default('published');

const ambiguousCallsOption = (): Option =>
  new Option('--ambiguous-calls <way>', 'which of several operations of one name a call means')
    .choices(['first', 'nearest'])
    .default('first');

function runOptions(command: Command): Command {
  return command
    .option(
      '--host <address>',
      'address to listen on (default: the file\'s "address", else 127.0.0.1)',
    )
    .option(
      '--port <namespace=port>',
      'port of one expose; may be repeated; 0 takes a free one',
      collectPorts,
      {},
    )
    .option('--rest-port <port>', 'port of every REST expose', port)
    .option('--mcp-port <port>', 'port of every MCP expose', port)
    .option('--stdio', 'serve the MCP tools on stdin and stdout instead of ports')
    .option(
      '--base-uri <namespace=url>',
      'base URI of a consumed API; may be repeated',
      collectPairs,
      {},
    )
    .option('--env-file <file>', 'a dotenv file; the environment wins over it')
    .option('--prefix', 'mount each REST expose under its namespace')
    .option('--keep-going', 'leave out files that cannot be served, and serve the rest')
    .option('--mock', 'serve a mock of every consumed API in this process')
    .option(
      '--mock-openapi <namespace=file>',
      'OpenAPI document the mock answers from; may be repeated; implies --mock',
      collectPairs,
      {},
    )
    .option(
      '--forward-header <name>',
      'caller header that REST hands on upstream; may be repeated',
      collect,
      [],
    )
    .option(
      '--timeout <duration>',
      'most time for an upstream call: 30s, 500ms (default: 50s)',
      duration,
    )
    .option('--max-body <size>', 'largest request body: 512kb, 10mb (default: 10mb)', size)
    .option('--max-answer <size>', 'largest upstream answer held in memory (default: 16mb)', size)
    .option(
      '--stop-timeout <duration>',
      'time running requests get when the gateway stops (default: 10s)',
      duration,
    )
    .option(
      '--allow-host <name>',
      'host name that requests may name beside loopback; may be repeated',
      collect,
      [],
    )
    .option(
      '--allow-origin <origin>',
      'origin of web pages that may call; may be repeated',
      collect,
      [],
    )
    .addOption(toolNamesOption())
    .addOption(ambiguousCallsOption())
    .addOption(
      new Option('--log-level <level>', 'least severe lines that are logged')
        .choices(['silent', 'error', 'warn', 'info', 'debug', 'trace'])
        .default('info'),
    )
    .addOption(
      new Option('--log-format <format>', 'how lines are logged')
        .choices(['text', 'json'])
        .default('text'),
    );
}

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

function collectPairs(
  value: string,
  all: Readonly<Record<string, string>>,
): Record<string, string> {
  const equals = value.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Write it as <namespace>=<value>.');
  return { ...all, [value.slice(0, equals)]: value.slice(equals + 1) };
}

function collectPorts(
  value: string,
  all: Readonly<Record<string, number>>,
): Record<string, number> {
  const [[namespace, text]] = Object.entries(collectPairs(value, {})) as [[string, string]];
  return { ...all, [namespace]: port(text) };
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return number;
}

function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000 }[match?.[2] ?? 'ms'] as number;
  if (match === null || Number(match[1]) <= 0)
    throw new InvalidArgumentError('Write it as 500ms, 30s or 2m.');
  return Math.round(Number(match[1]) * unit);
}

function size(text: string): number {
  const match = /^(\d+)(b|kb|mb|gb)?$/i.exec(text);
  const unit = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }[
    match?.[2]?.toLowerCase() ?? 'b'
  ] as number;
  if (match === null || Number(match[1]) === 0)
    throw new InvalidArgumentError('Write it as 512kb or 10mb.');
  return Number(match[1]) * unit;
}
