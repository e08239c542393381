import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { GatewayOptions } from '../../src/gateway/options.ts';
import { naftiko } from '../cli/naftiko.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { keptLog, type LogLine } from '../support/log.ts';
import { type Actor, restActor, toolActor } from './actor.ts';
import type { Ledger } from './ledger.ts';

export const capabilityPath = (name: string): string =>
  path.join(import.meta.dirname, '..', '..', 'capabilities', name);

export interface Stage extends TestGateway {
  /** One for each face. */
  readonly actors: readonly [Actor, Actor];
  /** All that was said beside answers: the log, what failures said, and what the commands print. */
  said(): Promise<Readonly<Record<string, string>>>;
}

export interface StageOptions {
  readonly file: string;
  readonly story: string;
  readonly ledger: Ledger;
  readonly environment: NonNullable<GatewayOptions['environment']>;
  readonly baseUris: NonNullable<GatewayOptions['baseUris']>;
  /** The text of the file, changed. */
  readonly edit?: (text: string) => string;
  /** A tool and inputs of it: what the commands print of the file, and of its dry run, is looked at, too. */
  readonly dryRun?: readonly string[];
}

/** Serves a capability of ours before a sandbox, with a caller on each face. */
export async function setStage(t: TestContext, options: StageOptions): Promise<Stage> {
  const { file, story, ledger, environment, baseUris, edit } = options;
  const log = keptLog('debug');
  const text = edit === undefined ? file : edit(readFileSync(file, 'utf8'));
  const gateway = await startGateway(t, text, { environment, baseUris, log });
  const note = ledger.story(story);
  const rest = restActor(ledger.operations, gateway.rest, note);
  const tools = await toolActor(t, ledger.operations, gateway.mcp, note);
  const spoken = (): Readonly<Record<string, string>> => ({
    'the log': log.lines.map(lineText).join('\n'),
    'failures over REST': rest.heard.join('\n'),
    'failures over MCP': tools.heard.join('\n'),
  });
  return {
    ...gateway,
    actors: [rest, tools],
    async said() {
      if (options.dryRun === undefined) return spoken();
      const flags = Object.entries(baseUris).flatMap(([name, uri]) => [
        '--base-uri',
        `${name}=${uri}`,
      ]);
      const [path] = gateway.files as [string];
      const printed: Record<string, string> = {};
      for (const [name, args] of Object.entries(commandsFor(path, flags, options.dryRun))) {
        const { out, err } = await inEnvironment(environment, () => naftiko(args));
        printed[name] = out + err;
      }
      return { ...printed, ...spoken() };
    },
  };
}

const commandsFor = (file: string, flags: readonly string[], dryRun: readonly string[]) => ({
  inspect: ['inspect', file, ...flags],
  'inspect --format json': ['inspect', file, '--format', 'json', ...flags],
  '--dry-run': ['call', file, ...dryRun, '--dry-run', ...flags],
});

const lineText = ({ level, fields, message }: LogLine): string =>
  `${level} ${message} ${JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error ? `${value.message} ${value.stack} ${String(value.cause)}` : value,
  )}`;

/** The commands read the environment of the process. */
async function inEnvironment<Result>(
  values: NonNullable<GatewayOptions['environment']>,
  run: () => Promise<Result>,
): Promise<Result> {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  try {
    return await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
