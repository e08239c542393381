import type { Finding } from '../document/finding.ts';
import type { Source } from '../document/source.ts';
import type { Advertised } from './advertised.ts';
import type { Mount } from './mount.ts';

/** What was read of the files, for whoever shows an error. */
interface Read {
  readonly findings: readonly Finding[];
  readonly sources: readonly Source[];
  readonly secrets: ReadonlySet<string>;
}

/** The gateway did not start. `findings` say what is wrong with which file; `message` says the rest. */
export class StartError extends Error {
  readonly findings: readonly Finding[];
  readonly sources: readonly Source[];
  /** Values that must not be shown; for a mask of one's own. */
  readonly secrets: ReadonlySet<string>;

  constructor(message: string, { findings, sources, secrets }: Read) {
    super(message);
    this.name = 'StartError';
    this.findings = findings;
    this.sources = sources;
    this.secrets = secrets;
  }
}

/** Why the port of `mount` could not be opened, and what to do. `opened` are ports of ours that are. */
export function explainPort(
  error: NodeJS.ErrnoException,
  mount: Mount,
  opened: readonly Mount[],
): string {
  const { host, port } = mount;
  const otherPort = 'choose another port: --rest-port, --mcp-port or --port <namespace>=<port>';
  const otherAddress = 'Correct the file\'s "address", or give one with --host';
  switch (error.code) {
    case 'EADDRINUSE': {
      const ours = opened.find((other) => other.port === port);
      if (ours !== undefined) {
        return `Port ${port} cannot be opened on ${host}, as it is open on ${ours.host} for another expose. Give both one address, for all with --host, or ${otherPort}.`;
      }
      return `Port ${port} on ${host} is taken by another program. End that program, or ${otherPort}.`;
    }
    case 'EACCES':
      return `Port ${port} on ${host} may not be opened by this user. To get one that may, ${otherPort}.`;
    case 'EADDRNOTAVAIL':
      return `The address ${host} is not one of this machine's. ${otherAddress}.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The address ${host} cannot be found. ${otherAddress}.`;
    default:
      return `Port ${port} on ${host} could not be opened: ${error.message}.`;
  }
}

/** Why the port that other gateways are told of could not be opened. */
export function explainAdvertised(
  error: NodeJS.ErrnoException,
  { host, port }: Advertised,
): string {
  const what = `--advertise ${host}:${port}: the port`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${what} is taken by another program, or by this gateway itself. Choose one that is free.`;
    case 'EACCES':
      return `${what} may not be opened by this user. Choose one above 1023.`;
    default:
      return `${what} could not be opened: ${error.message}.`;
  }
}
