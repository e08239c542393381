import process from 'node:process';
import { createProgram } from './program.ts';

/** Runs the command that the arguments of this process name. */
export async function startCommand(): Promise<void> {
  // What an output is piped to has left (`naftiko inspect … | head`): that is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exit(1);
    });
  }
  /** 0 done, 1 bad file or failed start, 2 bad usage. */
  process.exitCode = await createProgram().run(process.argv.slice(2));
}
