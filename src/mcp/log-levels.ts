import type { LogLevel } from './conversation.ts';

const LEVELS: readonly LogLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

export const isLogLevel = (value: unknown): value is LogLevel => LEVELS.includes(value as LogLevel);

/** Whether someone who asked for `wanted` gets a message of `level`. */
export const isWanted = (level: LogLevel, wanted: LogLevel): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);

export const levelNames = (): string => LEVELS.join(', ');
