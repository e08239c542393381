import { existsSync } from 'node:fs';
import { inspect } from 'node:util';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { OptionError } from '../gateway/namespaces.ts';
import { createLog } from '../log.ts';
import type { Mask } from '../secrets.ts';
import { gatewayOptions, type RunFlags } from './run-flags.ts';
import { jsonReport, type Report, textReport } from './run-report.ts';
import { type Terminal, UsageError } from './terminal.ts';

const DEFAULT_FILE = 'naftiko.yaml';

/** Serves until SIGTERM, SIGINT, or the end of stdin when MCP speaks on nothing else. */
export async function run(
  files: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  let mask: Mask = (text) => text;
  const log = createLog({
    level: flags.logLevel,
    format: flags.logFormat,
    mask: (text) => mask(text),
    color: terminal.color,
    write: terminal.err,
  });
  const report = flags.logFormat === 'json' ? jsonReport(log) : textReport(terminal, flags);
  // Node's own words would show whatever a fault holds.
  terminal.onCrash((fault) => report.crashed(mask(inspect(fault))));
  let gateway: Gateway;
  try {
    gateway = await createGateway({ ...gatewayOptions(filesOf(files), flags), log });
  } catch (error) {
    return refuse(error, report);
  }
  mask = gateway.mask;
  // Before anything is said: whoever reads that the gateway listens may stop it at once.
  const stopped = Promise.race([terminal.untilStopped(), inputEnded(gateway)]);
  report.started(gateway, mask);
  report.stopping(await stopped);
  await gateway.stop();
  return 0;
}

function filesOf(files: readonly string[]): readonly string[] {
  if (files.length > 0) return files;
  if (existsSync(DEFAULT_FILE)) return [DEFAULT_FILE];
  throw new UsageError(
    `Name a capability file: naftiko run <file>. Without one, ${DEFAULT_FILE} of this folder is served, and there is none.`,
  );
}

function refuse(error: unknown, report: Report): number {
  report.refused(error as Error);
  return error instanceof UsageError || error instanceof OptionError ? 2 : 1;
}

/** A process that only speaks on stdio ends with its client; one that listens, too, goes on. */
async function inputEnded({ stdio, listeners }: Gateway): Promise<string> {
  if (stdio === undefined || listeners.length > 0) return new Promise(() => {});
  await stdio;
  return 'end of input';
}
