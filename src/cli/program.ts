import { existsSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { OptionError } from '../gateway/namespaces.ts';
import { description, version } from '../version.ts';
import type { CallFlags } from './call.ts';
import { CLIENTS } from './client-ids.ts';
import type { InspectFlags } from './inspect.ts';
import type { McpConfigFlags } from './mcp-config.ts';
import { collect, collectPorts, duration, port } from './option-values.ts';
import type { RunFlags } from './run-flags.ts';
import { runOptions } from './run-options.ts';
import {
  allowImportOption,
  allowScriptsOption,
  ambiguousCallsOption,
  baseUriOption,
  connectToOption,
  envFileOption,
  formatOption,
  inlineRefsOption,
  lintOption,
  prefixOption,
  toolNamesOption,
} from './shared-options.ts';
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
