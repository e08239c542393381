import { resolve } from 'node:path';
import type { RunFlags } from './run-flags.ts';

/** What the command that a client starts must be told again. */
export type StdioFlags = Pick<
  RunFlags,
  'mock' | 'sandbox' | 'mockOpenapi' | 'baseUri' | 'connectTo' | 'envFile' | 'allowImport'
> &
  Partial<Pick<RunFlags, 'toolNames' | 'ambiguousCalls'>>;

export interface StdioCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The command that serves the same tools on stdin and stdout, from whatever folder it is started in. */
export function stdioCommand(
  files: readonly string[],
  flags: StdioFlags,
  [program = 'naftiko', ...before]: readonly string[],
): StdioCommand {
  const pairs = (option: string, given: Readonly<Record<string, string>> = {}): string[] =>
    Object.entries(given).flatMap(([namespace, value]) => [option, `${namespace}=${value}`]);
  const openapi = Object.entries(flags.mockOpenapi ?? {}).map(
    ([namespace, file]) => [namespace, resolve(file)] as const,
  );
  const { allowImport = [], toolNames = 'published', ambiguousCalls = 'first' } = flags;
  const args = [
    ...before,
    'run',
    ...files.map((file) => resolve(file)),
    '--stdio',
    ...(flags.mock === true ? ['--mock'] : []),
    ...(flags.sandbox === true ? ['--sandbox'] : []),
    ...pairs('--mock-openapi', Object.fromEntries(openapi)),
    ...pairs('--base-uri', flags.baseUri),
    ...pairs('--connect-to', flags.connectTo),
    ...(flags.envFile === undefined ? [] : ['--env-file', resolve(flags.envFile)]),
    ...allowImport.flatMap((folder) => ['--allow-import', resolve(folder)]),
    ...(toolNames === 'published' ? [] : ['--tool-names', toolNames]),
    ...(ambiguousCalls === 'first' ? [] : ['--ambiguous-calls', ambiguousCalls]),
  ];
  return { command: program, args };
}
