import { type DestinationStream, destination, pino } from 'pino';
import pretty from 'pino-pretty';
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
}

/** Lines go to stderr whatever the format: stdout belongs to MCP over stdio, and to data. */
export function createLog(options: LogOptions): Log {
  const stderr = destination({ dest: 2, sync: true });
  const sink: DestinationStream =
    options.format === 'json'
      ? stderr
      : pretty({
          destination: stderr,
          sync: true,
          ignore: 'pid,hostname',
          translateTime: 'HH:MM:ss',
          colorize: process.stderr.isTTY === true,
        });
  return pino(
    { level: options.level, base: null },
    { write: (line: string) => sink.write(options.mask(line)) },
  );
}
