import { existsSync } from 'node:fs';
import { renderFindings } from '../document/render.ts';
import { createGateway, type Gateway, StartError } from '../gateway/gateway.ts';
import { createLog, type Log } from '../log.ts';
import { createMask, type Mask } from '../secrets.ts';
import { hintsFor } from './hints.ts';
import { gatewayOptions, type RunFlags } from './run-options.ts';
import { summaryOf } from './summary.ts';
import { type Terminal, UsageError } from './terminal.ts';

const DEFAULT_FILE = 'naftiko.yaml';

/** Serves until SIGTERM, SIGINT, or the end of stdin when MCP speaks on it. */
export async function run(
  files: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  if (files.length === 0 && !existsSync(DEFAULT_FILE)) {
    throw new UsageError(
      `Name a capability file: naftiko run <file>. Without one, ${DEFAULT_FILE} of this folder is served, and there is none.`,
    );
  }
  let mask: Mask = (text) => text;
  const log = createLog({
    level: flags.logLevel,
    format: flags.logFormat,
    mask: (text) => mask(text),
  });
  const gateway = await start(files.length === 0 ? [DEFAULT_FILE] : files, flags, log, terminal);
  if (gateway === undefined) return 1;
  mask = createMask(gateway.secrets);
  announce(gateway, flags, log, terminal);
  const reason = await untilEnded(gateway);
  if (flags.logFormat === 'text')
    terminal.err(`\n${reason}: stopping, running requests may end first.`);
  else log.info({ reason }, 'stopping');
  await gateway.stop();
  return 0;
}

async function start(
  files: readonly string[],
  flags: RunFlags,
  log: Log,
  terminal: Terminal,
): Promise<Gateway | undefined> {
  try {
    return await createGateway({ ...gatewayOptions(files, flags), log });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const serious = error.findings.filter(({ severity }) => severity !== 'info');
    if (flags.logFormat === 'json') {
      for (const finding of serious)
        log[finding.severity === 'error' ? 'error' : 'warn']({ finding }, finding.message);
      log.error({}, error.message);
    } else {
      if (serious.length > 0)
        terminal.err(renderFindings(serious, error.sources, { color: terminal.color }));
      terminal.err(`naftiko: ${error.message}`);
    }
    return undefined;
  }
}

function announce(gateway: Gateway, flags: RunFlags, log: Log, terminal: Terminal): void {
  if (flags.logFormat === 'json') {
    for (const finding of gateway.findings)
      if (finding.severity === 'warning') log.warn({ finding }, finding.message);
    for (const { host, port, mount } of gateway.listeners) {
      log.info(
        {
          host,
          port,
          rest: mount.rest.map(({ plan }) => plan.namespace),
          mcp: mount.mcp.map(({ plan }) => plan.namespace),
        },
        'listening',
      );
    }
    return;
  }
  if (flags.logLevel === 'silent') return;
  terminal.err(summaryOf(gateway, terminal.color));
  const hints = hintsFor(gateway);
  if (hints !== '') terminal.err(hints);
}

/** A second signal does not wait for running requests. */
function untilEnded(gateway: Gateway): Promise<string> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      process.once('SIGINT', () => process.exit(0));
      process.once('SIGTERM', () => process.exit(0));
      resolve(signal);
    };
    process.once('SIGTERM', onSignal);
    process.once('SIGINT', onSignal);
    // A process that only speaks on stdio ends with its client; one that listens, too, goes on.
    if (gateway.stdio !== undefined && gateway.listeners.length === 0) {
      void gateway.stdio.then(() => resolve('end of input'));
    }
  });
}
