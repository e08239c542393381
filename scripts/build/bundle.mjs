// Writes the JavaScript of dist/ into the folder that is named: `node --import tsx
// scripts/build/bundle.mjs dist`. Few files, because a file costs more at start than what is in it:
// our own code, and of the dependencies those that every start needs. The others stay packages.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, transform } from 'esbuild';
import { acceptingModule } from './accepting.mjs';
import { noticesOf } from './notices.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const [outdir] = process.argv.slice(2);

const BUNDLED = ['ajv/dist/runtime/', 'commander', 'js-yaml', 'picocolors', 'pino', 'undici'];

/** Started as threads and processes by the path of their file, beside the code that starts them. */
const PROGRAMS = [
  'format/reading-worker.mjs',
  'script/javascript-worker.mjs',
  'script/python-child.mjs',
];

/** Of undici the gateway uses its pool alone; with all else it takes four times as long to load. */
const POOL = `
  export { default as Pool } from 'undici/lib/dispatcher/pool.js';
  export { default as buildConnector } from 'undici/lib/core/connect.js';
`;

const ownWays = {
  name: 'own ways',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/]document[\\/]accepting\.ts$/ }, async () => {
      const { code } = await transform(acceptingModule(), { minify: true, target: 'node20' });
      return { contents: code, loader: 'js', resolveDir: root };
    });
    // Without this line esbuild sees what is required, and can take it into the bundle.
    const REQUIRE = /^const require = createRequire\(import\.meta\.url\);$/m;
    builder.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path: file }) => {
      const text = fs.readFileSync(file, 'utf8');
      return REQUIRE.test(text) ? { contents: text.replace(REQUIRE, ''), loader: 'ts' } : undefined;
    });
    builder.onResolve({ filter: /^[^./]/ }, ({ path: name, importer, kind }) => {
      if (kind === 'entry-point' || importer.includes('node_modules')) return undefined;
      if (name === 'undici') return { path: name, namespace: 'pool' };
      const isBundled = BUNDLED.some(
        (each) =>
          name === each ||
          name.startsWith(`${each}/`) ||
          (each.endsWith('/') && name.startsWith(each)),
      );
      return isBundled ? undefined : { path: name, external: true };
    });
    builder.onLoad({ filter: /./, namespace: 'pool' }, () => ({
      contents: POOL,
      resolveDir: root,
    }));
  },
};

/** All code in one file, of which `launcher.mjs` opens what is asked for. */
const ENTRY = `
  exports.command = () => require('./src/cli/start.ts');
  exports.library = () => require('./src/index.ts');
`;
const COMMAND = `#!/usr/bin/env node
import { command } from '../parts/launcher.js';

await command().startCommand();
`;
const LIBRARY = `import { library } from './parts/launcher.js';

export const { EXPORTS } = library();
`;

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  metafile: true,
  plugins: [ownWays],
  logLevel: 'warning',
};
const parts = path.join(outdir, 'parts');
const whole = await build({
  ...options,
  stdin: { contents: ENTRY, resolveDir: root },
  outfile: path.join(parts, 'naftiko.cjs'),
  format: 'cjs',
  define: { 'import.meta': 'importMeta' },
});
// Code that comes out of a cache has lost its way of importing; the launcher has one.
const code = fs.readFileSync(path.join(parts, 'naftiko.cjs'), 'utf8');
fs.writeFileSync(
  path.join(parts, 'naftiko.cjs'),
  code.replace(/(?<![\w.$])import\(/g, 'importMeta.load('),
);
const programs = await build({
  ...options,
  entryPoints: PROGRAMS.map((program) => path.join('src', program)),
  outdir: parts,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
});
fs.copyFileSync(path.join(import.meta.dirname, 'launcher.mjs'), path.join(parts, 'launcher.js'));
fs.writeFileSync(path.join(outdir, 'cli', 'main.js'), COMMAND, { mode: 0o755 });
fs.writeFileSync(
  path.join(outdir, 'index.js'),
  LIBRARY.replace('EXPORTS', await exportsOfLibrary()),
);
const notices = noticesOf([whole.metafile, programs.metafile]);
fs.writeFileSync(path.join(outdir, 'THIRD-PARTY-NOTICES.txt'), notices);

/** The names of values that src/index.ts exports. */
async function exportsOfLibrary() {
  const { metafile } = await build({
    ...options,
    entryPoints: ['src/index.ts'],
    format: 'esm',
    write: false,
    outdir,
    sourcemap: false,
  });
  const [entry] = Object.values(metafile.outputs);
  return entry.exports.join(', ');
}
