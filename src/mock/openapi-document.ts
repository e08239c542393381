import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { yamlLibrary } from '../document/yaml.ts';
import { isRecord } from '../json.ts';
import { percentDecoded } from '../percent.ts';
import { MockError } from './problem.ts';

export type Node = Readonly<Record<string, unknown>>;

const MOST_FILES = 200;

/**
 * Reads an OpenAPI 3 or Swagger 2.0 document, JSON or YAML. Files it refers to by relative path are
 * taken in under `x-files`, so that every reference points into one value. Nothing is fetched: a
 * reference to an address stays as it is. Throws MockError.
 */
export async function readDocument(file: string): Promise<Node> {
  const root = resolve(file);
  const files = [root];
  const contents: Record<string, unknown>[] = [];
  for (let index = 0; index < files.length; index += 1) {
    const path = files[index] ?? root;
    const content = await readValue(path, index === 0 ? file : `${path}, which ${file} refers to,`);
    const pointers = (target: string) => pointerInto(files, resolve(dirname(path), target), file);
    redirect(content, index === 0 ? '' : `/x-files/${index}`, pointers);
    contents.push(content);
  }
  const document = contents[0] ?? {};
  if (document.swagger !== '2.0' && !/^3\.\d/.test(String(document.openapi ?? ''))) {
    throw new MockError(
      `${file} is not an OpenAPI document: it starts with neither 'openapi: 3.x' nor 'swagger: "2.0"'.`,
    );
  }
  if (!isRecord(document.paths)) {
    throw new MockError(`${file} describes no paths, so no answer can come from it.`);
  }
  return files.length === 1 ? document : { ...document, 'x-files': { ...contents } };
}

/** The object at a reference of this document, through references to references; undefined for none. */
export function follow(document: Node, value: unknown): Node | undefined {
  let current = value;
  for (let hops = 0; hops < 20 && isRecord(current); hops += 1) {
    if (typeof current.$ref !== 'string') return current;
    current = lookUp(document, current.$ref);
  }
  return undefined;
}

function lookUp(document: Node, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  let current: unknown = document;
  for (const token of reference.split('/').slice(1)) {
    const key = unescapeToken(token);
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key))
      return undefined;
    current = (current as Node)[key];
  }
  return current;
}

function unescapeToken(token: string): string {
  return percentDecoded(token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

async function readValue(path: string, named: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const why = code === 'ENOENT' ? 'there is no such file' : `the system says ${code}`;
    throw new MockError(`The OpenAPI document ${named} cannot be read: ${why}.`, error);
  }
  let value: unknown;
  try {
    value = /^\s*\{/.test(text)
      ? JSON.parse(text)
      : yamlLibrary().parse(text, { logLevel: 'error' });
  } catch (error) {
    const [reason] = error instanceof Error ? error.message.split('\n') : [''];
    throw new MockError(`The OpenAPI document ${named} is neither JSON nor YAML: ${reason}`, error);
  }
  if (isRecord(value)) return value as Record<string, unknown>;
  throw new MockError(`The OpenAPI document ${named} is not a mapping.`);
}

function pointerInto(files: string[], target: string, root: string): string {
  if (!/^\.(json|ya?ml)$/i.test(extname(target))) {
    throw new MockError(`${root} refers to ${target}, which is neither a JSON nor a YAML file.`);
  }
  if (!files.includes(target)) files.push(target);
  if (files.length > MOST_FILES) throw new MockError(`${root} refers to over ${MOST_FILES} files.`);
  const index = files.indexOf(target);
  return index === 0 ? '' : `/x-files/${index}`;
}

/** Points every reference of one file into the whole. In place and once each: YAML aliases share objects. */
function redirect(content: unknown, own: string, into: (file: string) => string): void {
  const seen = new Set<unknown>([content]);
  for (const value of seen) {
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Object.values(value)) {
      if (typeof inner === 'object' && inner !== null) seen.add(inner);
    }
    if (!('$ref' in value) || typeof value.$ref !== 'string') continue;
    const reference = value.$ref;
    if (/^[a-z][a-z0-9+.-]+:|^\/\//i.test(reference)) continue;
    const [file = '', fragment = ''] = reference.split('#', 2);
    value.$ref = `#${file === '' ? own : into(unescapeToken(file))}${fragment}`;
  }
}
