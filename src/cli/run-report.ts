import type { AdminAddress } from '../admin/server.ts';
import type { Finding } from '../document/finding.ts';
import { renderFindings } from '../document/render.ts';
import { type Gateway, StartError } from '../gateway/gateway.ts';
import type { Log } from '../log.ts';
import { createMask, type Mask } from '../secrets.ts';
import { inOrder, ofRefusedFiles } from './findings.ts';
import { hintsFor } from './hints.ts';
import type { RunFlags } from './run-flags.ts';
import { sandboxText } from './sandbox-text.ts';
import { originOf, summaryOf } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** What `naftiko run` says of itself. */
export interface Report {
  started(gateway: Gateway, mask: Mask, admin?: AdminAddress): void;
  /** The admin port is open. */
  admin(address: AdminAddress): void;
  refused(error: Error): void;
  stopping(reason: string): void;
  /** @param text what is known of the fault, masked */
  crashed(text: string): void;
}

/** One that others have spoken for. */
export const silentReport: Report = {
  started() {},
  admin() {},
  refused() {},
  crashed() {},
  stopping() {},
};

/** For people. */
export function textReport(terminal: Terminal, flags: RunFlags): Report {
  const isQuiet = flags.logLevel === 'silent';
  return {
    started(gateway, mask, admin) {
      if (isQuiet) return;
      terminal.err(mask(summaryOf(gateway, flags, terminal.color)));
      if (admin !== undefined) this.admin(admin);
      if (gateway.sandboxes.length > 0) terminal.err(sandboxText(gateway));
      const hints = hintsFor(gateway, flags, terminal);
      if (hints !== '') terminal.err(mask(hints));
    },
    admin(address) {
      if (!isQuiet) terminal.err(`  admin  ${originOf(address)}/status`);
    },
    refused(error) {
      if (error instanceof StartError) {
        const mask = createMask(error.secrets);
        const findings = ofRefusedFiles(error.findings);
        const text = renderFindings(findings, error.sources, { color: terminal.color });
        if (text !== '') terminal.err(mask(text));
        terminal.err(`naftiko: ${mask(error.message)}`);
      } else terminal.err(`naftiko: ${error.message}`);
    },
    stopping(reason) {
      if (!isQuiet) terminal.err(`\n${reason}: stopping; running requests may end first.`);
    },
    crashed(text) {
      terminal.err(`naftiko: ended by a fault of its own: ${text}`);
    },
  };
}

/** For programs: a line of JSON for each fact. */
export function jsonReport(log: Log): Report {
  return {
    started({ findings, leftOut, listeners, sandboxes, stdio }, _mask, admin) {
      for (const finding of inOrder(findings)) logFinding(log, finding);
      for (const file of leftOut) log.warn({ file }, 'left out');
      for (const { system } of sandboxes) log.info({ system }, 'a sandbox stands in');
      for (const { host, port, mount } of listeners) {
        const rest = mount.rest.map(({ plan }) => plan.namespace);
        const mcp = mount.mcp.map(({ plan }) => plan.namespace);
        log.info({ host, port, rest, mcp }, 'listening');
      }
      if (stdio !== undefined) log.info({}, 'speaking MCP on stdin and stdout');
      if (admin !== undefined) this.admin(admin);
    },
    admin({ host, port }) {
      log.info({ host, port }, 'admin port listening');
    },
    refused(error) {
      const mask = createMask(error instanceof StartError ? error.secrets : []);
      if (error instanceof StartError) {
        for (const finding of ofRefusedFiles(error.findings))
          logFinding(log, { ...finding, message: mask(finding.message) });
      }
      log.error({}, mask(error.message));
    },
    stopping(reason) {
      log.info({ reason }, 'stopping');
    },
    crashed(text) {
      log.error({ fault: text }, 'ended by a fault of its own');
    },
  };
}

function logFinding(log: Log, finding: Finding): void {
  const { severity, message } = finding;
  if (severity === 'error') log.error({ finding }, message);
  else if (severity === 'warning') log.warn({ finding }, message);
}
