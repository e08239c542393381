import { type Command, Option } from 'commander';
import {
  address,
  answerLimit,
  collect,
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
import {
  allowImportOption,
  allowScriptsOption,
  ambiguousCallsOption,
  baseUriOption,
  connectToOption,
  envFileOption,
  inlineRefsOption,
  prefixOption,
  toolNamesOption,
} from './shared-options.ts';

/** The options of `run`, each with what it says of itself in the help. */
export function runOptions(command: Command): Command {
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
    .option(
      '--max-connections <count>',
      'connections to one upstream host at once (default: 512)',
      count,
    )
    .option(
      '--keep-alive <duration>',
      'how long an unused connection to an upstream is kept (default: 50s)',
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
    .option(
      '--advertise <host:port>',
      'where gateways on other machines reach this one, for the MCP sessions that it holds',
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
