import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFormat, type FormatOptions } from '../../src/format/format.ts';
import type { Json } from '../../src/plan/plan.ts';

const shared = join(import.meta.dirname, '../../../shared/reference/fixtures');

export const skip = existsSync(shared) ? false : 'the shared reference is not here';

export const fixture = (file: string): Buffer => readFileSync(join(shared, file));

/** Reads an answer of a format. */
export async function read(
  options: FormatOptions | string,
  body: string | Buffer,
  contentType?: string,
): Promise<Json> {
  const compiled = await compileFormat(typeof options === 'string' ? { format: options } : options);
  assert.ok('read' in compiled, 'why' in compiled ? compiled.why : '');
  return compiled.read(Buffer.from(body as string), contentType);
}

/** The message of what reading throws. */
export async function failure(
  options: FormatOptions | string,
  body: string | Buffer,
  contentType?: string,
): Promise<string> {
  try {
    await read(options, body, contentType);
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: 'it was read' });
}

export async function why(options: FormatOptions): Promise<string> {
  const compiled = await compileFormat(options);
  assert.ok('why' in compiled, 'it was taken');
  return compiled.why;
}

export const users: Json = [
  { id: '1', name: 'Alice Smith', email: 'alice@example.com' },
  { id: '2', name: 'Bob Johnson', email: 'bob@example.com' },
  { id: '3', name: 'Carol White', email: 'carol@example.com' },
];
