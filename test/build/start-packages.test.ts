import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, type Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

test('a start loads three packages, and none of the heavy ones', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/main.ts', 'src/cli/run.ts', 'src/cli/serve.ts'],
    outdir: 'dist',
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  const packages = new Set(
    ['src/cli/main.ts', 'src/cli/run.ts', 'src/cli/serve.ts'].flatMap((name) =>
      packagesOf(metafile, name),
    ),
  );
  assert.deepEqual([...packages].sort(), ['commander', 'js-yaml', 'picocolors']);
});

/** What is imported before anything runs, by one file and all it imports itself. */
function packagesOf({ outputs }: Metafile, name: string): string[] {
  const start = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === name) ?? '';
  const seen = new Set([start]);
  const packages: string[] = [];
  for (const file of seen) {
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (kind !== 'import-statement') continue;
      if (external !== true) seen.add(path);
      else if (!path.startsWith('node:')) packages.push(path);
    }
  }
  return packages;
}
