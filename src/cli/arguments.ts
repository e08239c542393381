import { readFileSync } from 'node:fs';
import { UsageError } from './terminal.ts';

export interface ArgumentFlags {
  readonly arg?: readonly string[];
  readonly args?: string;
}

/**
 * The arguments of a tool call: those of `--args`, then those of each `--arg`, which win. A name that
 * is given several times makes a list. Values stay text; the tool coerces them to what it declares.
 * @throws UsageError
 */
export function argumentsOf({ arg = [], args }: ArgumentFlags): Readonly<Record<string, unknown>> {
  const all = new Map<string, unknown>(args === undefined ? [] : Object.entries(parseObject(args)));
  const given = new Map<string, string[]>();
  for (const pair of arg) {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new UsageError(`--arg ${pair}: write it as --arg <name>=<value>.`);
    const name = pair.slice(0, equals);
    const value = textOf(pair.slice(equals + 1), `--arg ${name}=@@…`);
    const values = given.get(name);
    if (values === undefined) given.set(name, [value]);
    else values.push(value);
  }
  for (const [name, values] of given) all.set(name, values.length === 1 ? values[0] : values);
  return Object.fromEntries(all);
}

/** `@FILE` is the text of that file, `@@` a literal `@`. */
function textOf(value: string, literally: string): string {
  if (!value.startsWith('@')) return value;
  if (value.startsWith('@@')) return value.slice(1);
  const file = value.slice(1);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `The file "${file}" cannot be read (${code}). A value that begins with @ names a file; write ${literally} for a text that begins with @.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`The file "${file}" is not UTF-8 text, so it is no argument.`);
  }
}

function parseObject(given: string): object {
  const example = '--args takes one JSON object, as in --args \'{"id": 7}\'';
  let value: unknown;
  try {
    value = JSON.parse(textOf(given, '--args with JSON'));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${example}; this is not valid JSON.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${example}; this is ${Array.isArray(value) ? 'a list' : typeof value}.`);
  return value;
}
