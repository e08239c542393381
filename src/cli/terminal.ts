/** Where a command writes and what it knows of its surroundings. Tests give their own. */
export interface Terminal {
  /** Data, a text with a line end after it or bytes as they are: stdout. */
  out(data: string | Uint8Array): void;
  /** Talk: stderr. */
  err(text: string): void;
  /** Talk may be coloured. */
  readonly color: boolean;
  /** A person reads the data, not a program. */
  readonly interactive: boolean;
  /** The words that started this process, without the command's own: `node`, `…/main.js`. */
  readonly invocation: readonly string[];
  /** Resolves with the reason when the process is asked to stop. */
  untilStopped(): Promise<string>;
  /** Has what nobody caught told by `tell`; the process ends then with status 1. */
  onCrash(tell: (fault: unknown) => void): void;
}

/** A command was used wrongly; exit status 2. */
export class UsageError extends Error {}

export const processTerminal: Terminal = {
  out(data) {
    process.stdout.write(typeof data === 'string' ? `${data}\n` : data);
  },
  err(text) {
    process.stderr.write(`${text}\n`);
  },
  color: process.stderr.isTTY === true && takesColor(process.env),
  interactive: process.stdout.isTTY === true,
  invocation: [process.execPath, ...process.execArgv, process.argv[1] ?? 'naftiko'],
  untilStopped,
  onCrash(tell) {
    process.once('uncaughtException', (fault) => {
      tell(fault);
      process.exit(1);
    });
  },
};

/** https://no-color.org: set to anything but the empty text. */
export function takesColor({ NO_COLOR, TERM }: NodeJS.ProcessEnv): boolean {
  return (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

/** npm hands a Ctrl-C on that the terminal has sent already; such an echo is no second one. */
const ECHO_MS = 500;

/** SIGTERM or SIGINT. A second one does not wait for running requests. */
function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first === undefined) {
        first = performance.now();
        resolve(signal);
      } else if (performance.now() - first > ECHO_MS) process.exit(0);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
