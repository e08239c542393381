import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { parseEnv } from 'node:util';
import { texts } from './bind-schemes.ts';
import type { Finding } from './finding.ts';
import { fileFinding, readText } from './read.ts';
import { yamlLibrary } from './yaml.ts';

export type BindFile =
  | { readonly values: Readonly<Record<string, string>>; readonly problem?: undefined }
  | { readonly values?: undefined; readonly problem: string; readonly missing: boolean };

/** Reads a file of flat keys and values: JSON, YAML or dotenv by its ending. No value is ever named. */
export async function readBindFile(path: string): Promise<BindFile> {
  const read = await readText(path);
  if (read.finding !== undefined) {
    const missing = !(await exists(path));
    const problem = missing
      ? `There is no file ${path}, so the variables of this bind have no value. Write it, or correct location.`
      : `The file ${path} cannot be read. ${read.finding.message}`;
    return { problem, missing };
  }
  const format = formatOf(path, read.text);
  if (format === 'dotenv') return { values: { ...parseEnv(read.text) } as Record<string, string> };
  const value = format === 'JSON' ? parseJson(read.text) : parseYaml(read.text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const problem =
      value === undefined
        ? `The file ${path} is not valid ${format}.`
        : `The file ${path} holds no mapping of keys and values.`;
    return { problem: `${problem} Write one line "KEY: value" for each key.`, missing: false };
  }
  return { values: texts(value) };
}

/** The variables of a dotenv file given by the user. */
export async function readEnvFile(
  path: string,
): Promise<{ values: Readonly<Record<string, string>>; findings: readonly Finding[] }> {
  const read = await readText(path);
  if (read.finding !== undefined) return { values: {}, findings: [read.finding] };
  const values = { ...parseEnv(read.text) } as Record<string, string>;
  if (Object.keys(values).length > 0 || !/^\s*[^#\s]/m.test(read.text)) {
    return { values, findings: [] };
  }
  const message = 'No line of the file reads NAME=value, so it sets no variable.';
  return { values, findings: [fileFinding('BIND_UNREADABLE', path, message)] };
}

function formatOf(path: string, text: string): 'JSON' | 'YAML' | 'dotenv' {
  const name = basename(path).toLowerCase();
  const ending = extname(name);
  if (ending === '.json') return 'JSON';
  if (ending === '.yaml' || ending === '.yml') return 'YAML';
  if (name.startsWith('.env') || ending === '.env') return 'dotenv';
  return text.trimStart().startsWith('{') ? 'JSON' : 'dotenv';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Plain words stay as they are written: a token `0123` or `1e5` is no number. */
function parseYaml(text: string): unknown {
  try {
    const document = yamlLibrary().parseDocument(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
    });
    return document.errors.length > 0 ? undefined : (document.toJS({ maxAliasCount: 100 }) ?? {});
  } catch {
    return undefined;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
