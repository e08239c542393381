/** A `content-type` header, read: the type in lower case and its charset, if it names one. */
export interface MediaType {
  /** `type/subtype`, '' when the header is missing. */
  readonly essence: string;
  readonly charset?: string;
}

export function readMediaType(header: string | undefined): MediaType {
  if (header === undefined) return { essence: '' };
  const [essence = '', ...parameters] = header.split(';');
  const type = essence.trim().toLowerCase();
  for (const parameter of parameters) {
    const charset = /^\s*charset\s*=\s*"?([^\s";]+)"?\s*$/i.exec(parameter)?.[1];
    if (charset !== undefined) return { essence: type, charset: charset.toLowerCase() };
  }
  return { essence: type };
}

export const isJsonType = (essence: string): boolean =>
  /^(application|text)\/(x-)?json$/.test(essence) ||
  essence.endsWith('+json') ||
  essence.startsWith('application/x-amz-json-');

export const isTextType = (essence: string): boolean =>
  essence.startsWith('text/') ||
  /\+(xml|yaml|text)$/.test(essence) ||
  TEXT_APPLICATIONS.has(essence.replace('/x-', '/'));

const TEXT_APPLICATIONS: ReadonlySet<string> = new Set(
  [
    'csv ecmascript graphql javascript json-seq jsonl jsonlines n-quads n-triples ndjson sh',
    'sparql-query sql toml trig typescript www-form-urlencoded xml yaml',
  ].flatMap((line) => line.split(' ').map((subtype) => `application/${subtype}`)),
);

/** The text of `bytes` in the charset they declare; a charset nobody knows is read as UTF-8. */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string {
  return decoderFor(charset).decode(bytes);
}

/** The text of `bytes`, or undefined when they are no UTF-8 text. */
export function decodeUtf8Strictly(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function decoderFor(charset: string | undefined): InstanceType<typeof TextDecoder> {
  if (charset === undefined) return new TextDecoder();
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
