import { createLog, type Log } from '../log.ts';
import type { Mask } from '../secrets.ts';
import type { RunFlags } from './run-flags.ts';
import type { Terminal } from './terminal.ts';

export interface MaskedLog {
  readonly log: Log;
  readonly mask: Mask;
  maskWith(mask: Mask): void;
}

/** The log of `naftiko run`; what is to be masked is known once the files are read. */
export function logOf(flags: RunFlags, terminal: Terminal, worker?: number): MaskedLog {
  let mask: Mask = (text) => text;
  const log = createLog({
    level: flags.logLevel,
    format: flags.logFormat,
    mask: (text) => mask(text),
    color: terminal.color,
    write: terminal.err,
    ...(worker === undefined ? {} : { worker }),
  });
  return {
    log,
    mask: (text) => mask(text),
    maskWith(other) {
      mask = other;
    },
  };
}
