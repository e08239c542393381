import { existsSync } from 'node:fs';
import type { RunFlags } from './run-flags.ts';
import { type Terminal, UsageError } from './terminal.ts';

const DEFAULT_FILE = 'naftiko.yaml';

/** Serves until SIGTERM, SIGINT, or the end of stdin when MCP speaks on nothing else. */
export async function run(
  files: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  const named = filesOf(files);
  if (flags.workers === undefined) {
    const { serveAlone } = await import('./serve.ts');
    return serveAlone(named, flags, terminal);
  }
  if (flags.stdio === true)
    throw new UsageError('--stdio speaks with one client, in one process: leave out --workers.');
  if (flags.sandbox === true)
    throw new UsageError('--sandbox keeps what it is told in one process: leave out --workers.');
  const { isWorker } = await import('../workers/worker.ts');
  if (isWorker()) {
    const { serveWithOthers } = await import('./serve.ts');
    return serveWithOthers(named, flags, terminal);
  }
  // The process that starts the workers loads nothing of what they need.
  const { runWorkers } = await import('./run-workers.ts');
  return runWorkers(flags.workers, flags, terminal);
}

function filesOf(files: readonly string[]): readonly string[] {
  if (files.length > 0) return files;
  if (existsSync(DEFAULT_FILE)) return [DEFAULT_FILE];
  throw new UsageError(
    `Name a capability file: naftiko run <file>. Without one, ${DEFAULT_FILE} of this folder is served, and there is none.`,
  );
}
