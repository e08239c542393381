import { existsSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { OptionError } from '../gateway/namespaces.ts';
import { description, version } from '../version.ts';
import type { CallFlags } from './call.ts';
import { CLIENTS } from './client-ids.ts';
import type { InspectFlags } from './inspect.ts';
import type { McpConfigFlags } from './mcp-config.ts';
import {
  address,
  answerLimit,
  collect,
  collectAddresses,
  collectPairs,
  collectPorts,
  collectRates,
  count,
  duration,
  lifetime,
  port,
  size,
  workers,
} from './option-values.ts';
import type { RunFlags } from './run-flags.ts';
import { processTerminal, type Terminal, UsageError } from './terminal.ts';
import type { ValidateFlags } from './validate.ts';

export interface Program {
  /** Runs one command and gives its exit status: 0 done, 1 bad file or failed start, 2 bad usage. */
  run(args: readonly string[]): Promise<number>;
}

/** @param given what is to differ from the terminal of this process */
export function createProgram(given: Partial<Terminal> = {}): Program {
  const terminal = { ...processTerminal, ...given };
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
        if (error instanceof CommanderError) {
          if (error.code === 'commander.unknownCommand') suggestRun(args, terminal);
          return error.exitCode === 0 ? 0 : 2;
        }
        terminal.err(`naftiko: ${(error as Error).message}`);
        return error instanceof UsageError || error instanceof OptionError ? 2 : 1;
      }
    },
  };
}

function suggestRun([word]: readonly string[], terminal: Terminal): void {
  if (word !== undefined && existsSync(word))
    terminal.err(`To serve the file: naftiko run ${word}`);
}

/** What a command does is loaded when it is called: `validate` needs no server. */
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
    commandOf(program, 'run')
      .description('check, compile and serve capability files over REST and MCP')
      .argument('[files...]', 'capability files, or folders of them (default: naftiko.yaml)'),
  ).action(async (files: string[], flags: RunFlags) => {
    const { run } = await import('./run.ts');
    done(await run(files, flags, terminal));
  });

  commandOf(program, 'validate')
    .description('report everything that is wrong with capability files')
    .argument('<files...>', 'capability files, or folders of them')
    .option('--strict', 'judge by the published schema, too')
    .addOption(lintOption())
    .addOption(envFileOption())
    .addOption(allowImportOption())
    .addOption(allowScriptsOption())
    .addOption(formatOption('how findings are shown'))
    .action(async (files: string[], flags: ValidateFlags) => {
      const { validate } = await import('./validate.ts');
      done(await validate(files, flags, terminal));
    });

  commandOf(program, 'inspect')
    .description('print what a capability file becomes: routes, tools, upstream calls, variables')
    .argument('<files...>', 'capability files, or folders of them')
    .addOption(envFileOption())
    .addOption(allowImportOption())
    .addOption(prefixOption())
    .addOption(baseUriOption())
    .addOption(toolNamesOption())
    .addOption(inlineRefsOption())
    .addOption(ambiguousCallsOption())
    .addOption(lintOption())
    .option('--tokens', 'print what the definition of each tool costs in tokens, estimated')
    .addOption(formatOption('how it is shown'))
    .action(async (files: string[], flags: InspectFlags) => {
      const { inspect } = await import('./inspect.ts');
      done(await inspect(files, flags, terminal));
    });

  commandOf(program, 'call')
    .description('run one tool of a capability file from the command line')
    .argument('<file>', 'a capability file')
    .argument('<tool>', 'name of the tool')
    .option(
      '-a, --arg <name=value>',
      'an argument; may be repeated, the same name makes a list; name=@FILE reads a file',
      collect,
    )
    .option('--args <json>', 'all arguments as one JSON object, or @FILE')
    .option('--dry-run', 'print the upstream requests, secrets masked, and send nothing')
    .addOption(formatOption('how --dry-run shows them'))
    .option('--mock', 'call a mock of the consumed API in this process')
    .addOption(envFileOption())
    .addOption(allowImportOption())
    .addOption(allowScriptsOption())
    .addOption(baseUriOption())
    .addOption(connectToOption())
    .option('--timeout <duration>', 'most time for the upstream call: 500ms, 30s', duration)
    .addOption(ambiguousCallsOption())
    .action(async (file: string, tool: string, flags: CallFlags) => {
      const { callTool } = await import('./call.ts');
      done(await callTool(file, tool, flags, terminal));
    });

  commandOf(program, 'mcp-config')
    .description(
      'print what MCP clients have to be told of a running server, or of capability files',
    )
    .argument('[files...]', 'capability files, or folders of them')
    .option('--url <url>', 'endpoint of a running server, in place of files')
    .addOption(
      new Option('--client <client>', 'which client').choices([...CLIENTS, 'all']).default('all'),
    )
    .option('--stdio', 'let clients start the gateway, rather than call one that runs')
    .option('--name <name>', 'name of the server in clients (default: the namespace)')
    .option('--host <address>', 'address that clients reach the gateway at')
    .option('--port <namespace=port>', 'port of one expose; may be repeated', collectPorts)
    .option('--mcp-port <port>', 'port of every MCP expose', port)
    .option('--mock', 'with --stdio: serve a mock of every consumed API')
    .addOption(envFileOption())
    .addOption(allowImportOption())
    .addOption(baseUriOption())
    .addOption(connectToOption())
    .addOption(toolNamesOption())
    .addOption(formatOption('how it is shown'))
    .action(async (files: string[], flags: McpConfigFlags) => {
      const { mcpConfig } = await import('./mcp-config.ts');
      done(await mcpConfig(files, flags, terminal));
    });
  return program;
}

const commandOf = (program: Command, name: string): Command =>
  program
    .command(name)
    .showHelpAfterError(`(naftiko ${name} --help lists its arguments and options)`);

const envFileOption = (): Option =>
  new Option('--env-file <file>', 'a dotenv file; the environment wins over it');

const allowImportOption = (): Option =>
  new Option(
    '--allow-import <folder>',
    'folder that imported files may lie in beside that of the file; may be repeated',
  ).argParser(collect);

const lintOption = (): Option =>
  new Option('--lint', 'report what MCP clients refuse, cut, or make little of, too');

const allowScriptsOption = (): Option =>
  new Option('--allow-scripts', 'let script steps run also where the file does not say so');

const prefixOption = (): Option =>
  new Option('--prefix', 'mount each REST expose under its namespace');

const baseUriOption = (): Option =>
  new Option('--base-uri <namespace=url>', 'base URI of a consumed API; may be repeated').argParser(
    collectPairs,
  );

const connectToOption = (): Option =>
  new Option(
    '--connect-to <host=address>',
    'who takes connections to an upstream host in its place: api.example.com=127.0.0.1:8443',
  ).argParser(collectAddresses);

const formatOption = (what: string): Option =>
  new Option('--format <format>', what).choices(['text', 'json']).default('text');

const toolNamesOption = (): Option =>
  new Option(
    '--tool-names <way>',
    'serve tool names as published, shortened to 64 characters, or of letters, digits and _ alone',
  )
    .choices(['published', 'short', 'snake'])
    .default('published');

const inlineRefsOption = (): Option =>
  new Option('--inline-refs', 'write out in tool schemas what local $refs name');

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
    )
    .option('--rest-port <port>', 'port of every REST expose', port)
    .option('--mcp-port <port>', 'port of every MCP expose', port)
    .option('--stdio', 'serve the MCP tools on stdin and stdout instead of ports')
    .addOption(baseUriOption())
    .addOption(connectToOption())
    .addOption(envFileOption())
    .addOption(allowImportOption())
    .addOption(allowScriptsOption())
    .addOption(prefixOption())
    .option('--keep-going', 'leave out files that cannot be served, and serve the rest')
    .option('--mock', 'serve a mock of every consumed API in this process')
    .option(
      '--sandbox',
      'serve stand-ins for Koyeb, CloudAlly, CloudIO and Cloudillo in this process, with sessions and data',
    )
    .option(
      '--mock-openapi <namespace=file>',
      'OpenAPI document the mock answers from; may be repeated; implies --mock',
      collectPairs,
    )
    .option(
      '--forward-header <name>',
      'caller header that REST hands on upstream; may be repeated',
      collect,
    )
    .option(
      '--timeout <duration>',
      'most time for an upstream call: 500ms, 30s (default: 50s)',
      duration,
    )
    .option(
      '--stream-timeout <duration>',
      'longest silence in events, or in a forwarded answer of no known length (default: 1h)',
      duration,
    )
    .option('--max-body <size>', 'largest request body: 512kb, 10mb (default: 10mb)', size)
    .option('--max-answer <size>', 'largest upstream answer held in memory (default: 16mb)', size)
    .option(
      '--max-answer-chars <count>',
      'characters an MCP tool answers with, 0 for any number (default: 150000)',
      answerLimit(256),
    )
    .option(
      '--max-answer-tokens <count>',
      'tokens an MCP tool answers with, estimated (default: any number)',
      answerLimit(200),
    )
    .option(
      '--max-binary <size>',
      'largest answer that tools and resources give as binary content (default: 10mb)',
      size,
    )
    .option(
      '--stop-timeout <duration>',
      'time running requests get when the gateway stops (default: 10s)',
      duration,
    )
    .option(
      '--workers <count>',
      'processes that serve together: a number, or max for one for each core (default: this one alone)',
      workers,
    )
    .option(
      '--admin <[host:]port>',
      'port for /livez, /readyz, /metrics and /status, on loopback unless a host is named',
      address,
    )
    .option('--page-size <entries>', 'entries on a page of what MCP lists (default: all)', count)
    .option(
      '--list-ttl <duration>',
      'how long MCP clients may keep lists: 0, 30s, 10m (default: 60s)',
      lifetime,
    )
    .option(
      '--state-key <secret>',
      'secret shared by gateways that serve the same MCP clients (better: NAFTIKO_STATE_KEY)',
    )
    .addOption(
      new Option(
        '--cache <way>',
        'keep answers that files declare, those as well whose headers allow it, or none',
      )
        .choices(['declared', 'headers', 'off'])
        .default('declared'),
    )
    .option(
      '--cache-ttl <duration>',
      'how long an answer is kept where nothing says it (default: 60s)',
      duration,
    )
    .option('--cache-size <size>', 'most that kept answers take (default: 64mb)', size)
    .option(
      '--redis <url>',
      'Redis through which gateways share limits and answers (better: NAFTIKO_REDIS_URL)',
    )
    .option(
      '--rate-limit <rate>',
      'how often each caller may ask: 100/s, 1000/m, 10/30s; may be repeated',
      collectRates,
    )
    .option(
      '--max-calls <count>',
      'calls of consumed APIs under way at once; one more is refused (default: any number)',
      count,
    )
    .option(
      '--trust-proxy <count>',
      'proxies in front, whose X-Forwarded-For tells the address of a caller',
      count,
    )
    .option(
      '--allow-host <name>',
      'host name that requests may name beside loopback; may be repeated',
      collect,
    )
    .option(
      '--allow-origin <origin>',
      'origin of web pages that may call; may be repeated',
      collect,
    )
    .addOption(toolNamesOption())
    .addOption(inlineRefsOption())
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
