import type { CompiledFormat } from './read-format.ts';

export type { CompiledFormat } from './read-format.ts';

export interface FormatOptions {
  /** As `outputRawFormat` says it, in any case. */
  readonly format: string;
  readonly outputSchema?: string;
  /** The content of the file that `schemaFileOf` names. */
  readonly schemaText?: string;
}

/**
 * Makes the reader of one format. The libraries are loaded here, so that reading waits for nothing.
 * Text is one string; bytes of format binary are base64, for whoever needs them in a tree.
 * @returns a sentence when the format, or what `outputSchema` says, cannot be used
 */
export async function compileFormat(options: FormatOptions): Promise<CompiledFormat> {
  const { outputSchema, schemaText } = options;
  switch (options.format.toLowerCase()) {
    case 'json':
      return { read: (await import('./json.ts')).readJson };
    case 'xml':
      return { read: (await import('./xml.ts')).readXml };
    case 'yaml':
      return { read: (await import('./yaml.ts')).readYaml };
    case 'csv':
      return readerOf('csv');
    case 'tsv':
      return readerOf('tsv');
    case 'psv':
      return readerOf('psv');
    case 'html':
      return (await import('./html.ts')).compileHtml(outputSchema);
    case 'markdown':
      return (await import('./markdown.ts')).compileMarkdown(outputSchema);
    case 'avro':
      return (await import('./avro.ts')).compileAvro(schemaText);
    case 'protobuf':
      return (await import('./protobuf.ts')).compileProtobuf(
        schemaText,
        schemaFileOf(options)?.message,
      );
    case 'text': {
      const { decodeText } = await import('./text.ts');
      return {
        read: (bytes, contentType) =>
          decodeText(bytes, contentType, { format: 'text', strict: false }),
      };
    }
    case 'binary':
      return { read: (bytes) => bytes.toString('base64') };
    default:
      return {
        why: `"${options.format}" is no format an answer can be read as; known are ${FORMATS.join(', ')}.`,
      };
  }
}

export const FORMATS = [
  'json',
  'xml',
  'yaml',
  'csv',
  'tsv',
  'psv',
  'html',
  'markdown',
  'avro',
  'protobuf',
  'text',
  'binary',
] as const;

/** Formats where an element that stands alone cannot be told from a list of one. */
const UNLISTED: ReadonlySet<string> = new Set(['xml', 'avro']);

/** Whether a value that stands alone may be a list of one, for `compileOutputTree`. */
export const isUnlisted = (format: string): boolean => UNLISTED.has(format.toLowerCase());

/**
 * The file that the caller has to read for a format, relative to the capability file, and the message
 * asked for behind a `#`: `records.proto#RecordsList`. Undefined when the format needs no file.
 */
export function schemaFileOf(
  options: Pick<FormatOptions, 'format' | 'outputSchema'>,
): { readonly file: string; readonly message?: string } | undefined {
  const { format, outputSchema } = options;
  if (outputSchema === undefined || !/^(?:avro|protobuf)$/i.test(format)) return undefined;
  const mark = outputSchema.lastIndexOf('#');
  if (mark === -1) return { file: outputSchema };
  return { file: outputSchema.slice(0, mark), message: outputSchema.slice(mark + 1) };
}

async function readerOf(format: 'csv' | 'tsv' | 'psv'): Promise<CompiledFormat> {
  const { readDelimited } = await import('./delimited.ts');
  return { read: (bytes, contentType) => readDelimited(format, bytes, contentType) };
}
