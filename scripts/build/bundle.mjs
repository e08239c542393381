// Writes the JavaScript of dist/ into the folder that is named: `node --import tsx
// scripts/build/bundle.mjs dist`. Our own code in few files, because a file costs more at start than
// what is in it; dependencies stay packages of their own.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, transform } from 'esbuild';
import { acceptingModule } from './accepting.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const [outdir] = process.argv.slice(2);

/** Threads and processes are started by the path of their file, beside the code that starts them. */
const PROGRAMS = ['script/javascript-worker.mjs', 'script/python-child.mjs'];

const ahead = {
  name: 'ahead of time',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/]document[\\/]accepting\.ts$/ }, async () => {
      const { code } = await transform(acceptingModule(), { minify: true, target: 'node20' });
      return { contents: code, loader: 'js', resolveDir: root };
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/index.ts',
    'cli/main': 'src/cli/main.ts',
    'parts/reading-worker': 'src/format/reading-worker.mjs',
  },
  outdir,
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: true,
  plugins: [ahead],
  logLevel: 'warning',
});
for (const program of PROGRAMS) {
  fs.copyFileSync(
    path.join(root, 'src', program),
    path.join(outdir, 'parts', path.basename(program)),
  );
}
