/** Where a command writes: data to stdout, talk to stderr. Tests give their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly color: boolean;
}

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  color: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
};

/** A command was used wrongly; exit status 2. */
export class UsageError extends Error {}
