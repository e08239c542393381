// Writes the JavaScript of dist/ into the folder that is named: `node --import tsx
// scripts/build/bundle.mjs dist`. Our own code in few files, because a file costs more at start than
// what is in it. Dependencies stay packages of their own.
import path from 'node:path';
import process from 'node:process';
import { build, transform } from 'esbuild';
import { acceptingModule } from './accepting.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const [outdir] = process.argv.slice(2);

/** Started as threads and processes by the path of their file, beside the code that starts them. */
const PROGRAMS = [
  'format/reading-worker.mjs',
  'script/javascript-worker.mjs',
  'script/python-child.mjs',
];

const ahead = {
  name: 'ahead of time',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/]document[\\/]accepting\.ts$/ }, async () => {
      const { code } = await transform(acceptingModule(), { minify: true, target: 'node20' });
      return { contents: code, loader: 'js', resolveDir: root };
    });
  },
};

const options = {
  absWorkingDir: root,
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
};
await build({
  ...options,
  entryPoints: { index: 'src/index.ts', 'cli/main': 'src/cli/main.ts' },
});
await build({
  ...options,
  entryPoints: PROGRAMS.map((program) => path.join('src', program)),
  outdir: path.join(outdir, 'parts'),
  outExtension: { '.js': '.mjs' },
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
});
