import type { Log } from '../../src/log.ts';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps its lines, all of them whatever `level` says is switched on. */
export function keptLog(level: 'info' | 'debug' = 'info'): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (own: LogLine['level']) =>
    (fields: object, message: string): void => {
      lines.push({ level: own, fields: fields as LogLine['fields'], message });
    };
  return {
    level,
    lines,
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    isLevelEnabled: (asked) => level === 'debug' || asked !== 'debug',
  };
}
