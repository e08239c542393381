import { createRequire } from 'node:module';
import type { prettyFactory } from 'pino-pretty';
import { late } from './late.ts';
import type { Mask } from './secrets.ts';

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
export type LogFormat = 'text' | 'json';

/** Structured log. Nothing is formatted below the level that is switched on. */
export interface Log {
  readonly level: string;
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  isLevelEnabled(level: string): boolean;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Asked for each line, because secrets are known only after the files were read. */
  readonly mask: Mask;
  /** Colours in the text format; false when absent. */
  readonly color?: boolean;
  /** Which of several processes it is that logs. */
  readonly worker?: number;
  /** Takes each line, without its end. stderr when absent. */
  readonly write?: (line: string) => void;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

const require = createRequire(import.meta.url);

/**
 * Lines go to stderr whatever the format: stdout belongs to MCP over stdio, and to data. What writes
 * them is loaded at the first: a gateway that starts well has nothing to log.
 */
export function createLog(options: LogOptions): Log {
  const { level, mask, worker, write = writeToStderr } = options;
  const show = options.format === 'json' ? (line: string) => line : formatter(options);
  const logger = late(() => {
    const { pino } = require('pino') as typeof import('pino');
    const sink = { write: (line: string) => write(show(maskedLine(line, mask)).trimEnd()) };
    return pino({ level, base: worker === undefined ? null : { worker } }, sink);
  });
  const isLevelEnabled = (asked: string): boolean =>
    LEVELS.indexOf(asked) >= LEVELS.indexOf(level) && asked !== 'silent';
  const at = (own: 'error' | 'warn' | 'info' | 'debug'): Log['info'] =>
    isLevelEnabled(own) ? (fields, message) => logger()[own](fields, message) : () => {};
  return {
    level,
    isLevelEnabled,
    ...{ error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') },
  };
}

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Masks within strings alone: a secret of digits may stand in a time, too, and JSON must stay JSON. */
function maskedLine(line: string, mask: Mask): string {
  if (mask(line) === line) return line;
  return JSON.stringify(
    JSON.parse(line, (_, value: unknown) => (typeof value === 'string' ? mask(value) : value)),
  );
}

function formatter({ color = false, worker }: LogOptions): (line: string) => string {
  const format = late(() => {
    const pretty = require('pino-pretty') as { readonly prettyFactory: typeof prettyFactory };
    const named =
      worker === undefined ? {} : { messageFormat: '[worker {worker}] {msg}', ignore: 'worker' };
    return pretty.prettyFactory({ translateTime: 'HH:MM:ss', colorize: color, ...named });
  });
  return (line) => format()(line) ?? line;
}
