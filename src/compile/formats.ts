import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import type {
  CapabilityDocument,
  ConsumedOperation,
  ConsumesEntry,
  ConsumesHttp,
} from '../document/document.ts';
import type { FindingCode } from '../document/finding.ts';
import { locate } from '../document/location.ts';
import { pointerOf, type Source } from '../document/source.ts';
import { compileFormat, schemaFileOf } from '../format/format.ts';
import { readJson } from '../format/json.ts';
import type { CallStep, RawFormat } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';

/** The readers of consumed operations' answers, by the pointer of the operation; or what is wrong. */
export type Formats = ReadonlyMap<string, PreparedFormat>;

type PreparedFormat = AnswerReader | FormatProblem;

export type AnswerReader = Pick<CallStep, 'read' | 'reading'>;

interface FormatProblem {
  readonly code: FindingCode;
  readonly why: string;
}

/**
 * Prepares the formats of all consumed operations before anything is compiled, since libraries and
 * schema files have to be waited for.
 */
export async function prepareFormats(
  document: CapabilityDocument,
  source: Source,
  allowImport: readonly string[] = [],
): Promise<Formats> {
  const operations = [
    ...operationsOf(document.consumes, '/consumes'),
    ...operationsOf(document.capability?.consumes, '/capability/consumes'),
  ].filter(({ operation }) => formatOf(operation) !== 'json');
  const known = new Map<string, Promise<PreparedFormat>>();
  const formats = new Map<string, PreparedFormat>();
  for (const { operation, pointer } of operations) {
    const file = source.origin?.(pointer).source.path ?? source.path;
    const key = JSON.stringify([formatOf(operation), operation.outputSchema, file]);
    const prepared =
      known.get(key) ?? prepareFormat(operation, file, [dirname(source.path), ...allowImport]);
    known.set(key, prepared);
    formats.set(pointer, await prepared);
  }
  return formats;
}

export const formatOf = ({ outputRawFormat }: ConsumedOperation): RawFormat =>
  (outputRawFormat?.toLowerCase() ?? 'json') as RawFormat;

/** Reads the answers of one operation. What is wrong is reported at the operation that is called. */
export function answerReader(
  compilation: Compilation,
  { operation, pointer }: ConsumedTarget,
): AnswerReader {
  if (formatOf(operation) === 'json') return { read: readJson };
  const prepared = compilation.formats.get(pointer);
  if (prepared !== undefined && 'read' in prepared) return prepared;
  if (prepared === undefined) throw new TypeError(`The format of ${pointer} was not prepared.`);
  const key = operation.outputSchema === undefined ? 'outputRawFormat' : 'outputSchema';
  compilation.report(prepared.code, pointerOf(pointer, key), prepared.why);
  return { read: readJson };
}

function operationsOf(entries: readonly ConsumesEntry[] | undefined, parent: string) {
  return (entries ?? []).flatMap((entry, block) => {
    const { resources = [] } = entry as Partial<ConsumesHttp>;
    return resources.flatMap(({ operations = [] }, resource) =>
      operations.map((operation, at) => ({
        operation,
        pointer: pointerOf(parent, block, 'resources', resource, 'operations', at),
      })),
    );
  });
}

/** Formats whose answers cost little more than their bytes. */
const READ_AT_ONCE: ReadonlySet<RawFormat> = new Set(['json', 'text', 'binary']);

async function prepareFormat(
  operation: ConsumedOperation,
  file: string,
  folders: readonly string[],
): Promise<PreparedFormat> {
  const { outputSchema } = operation;
  const options = {
    format: formatOf(operation),
    ...(outputSchema === undefined ? {} : { outputSchema }),
  };
  const named = schemaFileOf(options);
  const schema = named === undefined ? undefined : await readSchema(named.file, file, folders);
  if (schema !== undefined && 'why' in schema) return schema;
  const reading = schema === undefined ? options : { ...options, schemaText: schema.text };
  const compiled = await compileFormat(reading);
  if ('why' in compiled) return { code: 'FORMAT_INVALID', why: compiled.why };
  return READ_AT_ONCE.has(reading.format) ? compiled : { ...compiled, reading };
}

/** More than any schema file that is meant. */
const LARGEST_SCHEMA = 4 * 1024 * 1024;

async function readSchema(
  named: string,
  file: string,
  folders: readonly string[],
): Promise<{ readonly text: string } | FormatProblem> {
  const refuse = (why: string): FormatProblem => ({ code: 'LOCATION_INVALID', why });
  const { path, scheme } = locate(named, file);
  if (path === undefined) {
    return refuse(
      `A schema at "${scheme}:" cannot be read; write the way to it from this file, such as ./schemas/records.avsc.`,
    );
  }
  try {
    const real = await realpath(path);
    if (!(await isInside(real, folders))) {
      return refuse(
        `The schema ${real} lies outside the folder of the capability file. If that is meant, allow it with --allow-import ${dirname(real)}`,
      );
    }
    const stats = await stat(real);
    if (!stats.isFile()) return refuse(`${path} is no file, and the file of a schema is expected.`);
    if (stats.size > LARGEST_SCHEMA) {
      return refuse(`The schema ${path} is larger than ${LARGEST_SCHEMA} bytes, the limit.`);
    }
    return { text: await readFile(real, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'There is no file' : `The file cannot be read (${code}):`;
    return refuse(
      `${what} ${path}, which outputSchema names; it is relative to the folder of this file. Correct it, or put the file there.`,
    );
  }
}

async function isInside(path: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const allowed = await realpath(folder).catch(() => undefined);
    if (allowed === undefined) continue;
    const way = relative(allowed, path);
    if (way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return true;
  }
  return false;
}
