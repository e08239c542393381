import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { acceptingModule } from '../../scripts/build/accepting.mjs';
import { compileAccepting } from '../../src/document/accepting.ts';
import { parseText } from '../../src/document/parse.ts';
import { folderOf } from '../cli/naftiko.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('the check made at build says the same of every file, sound or broken, as the one made at load', async (t) => {
  const schema = createRequire(import.meta.url)('#schemas/capability.schema.json') as object;
  const folder = await folderOf(t, { 'accepting.mjs': absolute(acceptingModule()) });
  const ahead = (await import(pathToFileURL(join(folder, 'accepting.mjs')).href)) as {
    readonly compileAccepting: typeof compileAccepting;
  };
  const made = ahead.compileAccepting(schema);
  const atLoad = compileAccepting(schema);
  const documents = ['capabilities', 'test/fixtures'].flatMap(documentsOf);
  let refused = 0;
  for (const document of [{}, 7, null, ...documents.flatMap(brokenOnes)]) {
    assert.equal(made(document), atLoad(document));
    assert.deepEqual(made.errors, atLoad.errors);
    for (const [index, { parentSchema }] of (made.errors ?? []).entries()) {
      refused += 1;
      assert.equal(parentSchema, atLoad.errors?.[index]?.parentSchema, 'a part of the very schema');
    }
  }
  assert.ok(refused > 100, `${refused} errors compared`);
});

/** The folder of the test has no node_modules. */
const absolute = (code: string): string =>
  code.replace(/from '(ajv[^']*)'/g, (_, name: string) => `from '${import.meta.resolve(name)}'`);

function documentsOf(folder: string): unknown[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => parseText(name, readFileSync(join(ROOT, folder, name), 'utf8')).value)
    .filter((value) => value !== undefined);
}

/** The document itself, and it with each of its parts once replaced by a number. */
function brokenOnes(document: unknown): unknown[] {
  const broken = [document];
  const copy = structuredClone(document);
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || broken.length > 60) return;
    const holder = node as Record<string, unknown>;
    for (const [key, value] of Object.entries(holder)) {
      holder[key] = 7;
      broken.push(structuredClone(copy));
      holder[key] = value;
      visit(value);
    }
  };
  visit(copy);
  return broken;
}
