import { inspect } from 'node:util';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { OptionError } from '../gateway/namespaces.ts';
import type { GatewayOptions } from '../gateway/options.ts';
import type { Log } from '../log.ts';
import { type Admin, openOwnAdmin } from './admin.ts';
import { gatewayOptions, type RunFlags } from './run-flags.ts';
import { logOf } from './run-log.ts';
import { jsonReport, type Report, silentReport, textReport } from './run-report.ts';
import { type Terminal, UsageError } from './terminal.ts';

/** The one process there is. */
export async function serveAlone(
  files: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  const { log, mask, maskWith } = logOf(flags, terminal);
  const report = reportOf(log, flags, terminal);
  // Node's own words would show whatever a fault holds.
  terminal.onCrash((fault) => report.crashed(mask(inspect(fault))));
  let admin: Admin | undefined;
  let gateway: Gateway;
  try {
    admin = await openOwnAdmin(flags.admin);
    gateway = await createGateway({ ...gatewayOptions(files, flags), log });
  } catch (error) {
    await admin?.close();
    return refuse(error, report);
  }
  maskWith(gateway.mask);
  admin?.serves(gateway);
  // Before anything is said: whoever reads that the gateway listens may stop it at once.
  const stopped = Promise.race([terminal.untilStopped(), inputEnded(gateway)]);
  report.started(gateway, gateway.mask, admin);
  report.stopping(await stopped);
  admin?.drains();
  await gateway.stop();
  await admin?.close();
  return 0;
}

/** One of several workers: the primary process says what it must know, and when it ends. */
export async function serveWithOthers(
  files: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  const { connectToPrimary } = await import('../workers/worker.ts');
  const channel = await connectToPrimary();
  const { welcome } = channel;
  const { log, mask, maskWith } = logOf(flags, terminal, welcome.seat);
  terminal.onCrash((fault) => reportOf(log, flags, terminal).crashed(mask(inspect(fault))));
  const report = welcome.speaks ? reportOf(log, flags, terminal) : silentReport;
  const options: GatewayOptions = {
    ...gatewayOptions(files, flags),
    ...(welcome.metrics ? { metrics: true } : {}),
    stateKey: welcome.stateKey,
    siblings: { ...welcome, metrics: channel.metrics },
    log,
  };
  let gateway: Gateway;
  try {
    gateway = await createGateway(options);
    if (gateway.stdio !== undefined) {
      await gateway.stop();
      const why =
        'A file speaks MCP on stdin and stdout, with one client in one process: leave out --workers.';
      throw new UsageError(why);
    }
  } catch (error) {
    const status = refuse(error, welcome.speaks ? report : reportOf(log, flags, terminal));
    channel.refused(status);
    channel.leave();
    return status;
  }
  maskWith(gateway.mask);
  report.started(gateway, gateway.mask);
  channel.ready(gateway);
  await channel.untilStopped();
  await gateway.stop();
  channel.leave();
  return 0;
}

const reportOf = (log: Log, flags: RunFlags, terminal: Terminal): Report =>
  flags.logFormat === 'json' ? jsonReport(log) : textReport(terminal, flags);

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
