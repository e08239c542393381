// Becomes dist/parts/launcher.js: opens the bundle, with what V8 has made of it before where that is
// known. Reading 2 MB of code costs a start half of its time; what came of it is read in a few
// milliseconds. It is kept beside the bundle, where whoever may write could change the code itself, and
// is of one Node, one version and one set of flags, by its name. NODE_DISABLE_COMPILE_CACHE leaves it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

const bundle = fileURLToPath(new URL('./naftiko.cjs', import.meta.url));
const kept = `${bundle}.${v8.cachedDataVersionTag()}.cache`;
const isKept = !process.env.NODE_DISABLE_COMPILE_CACHE;
const SETTLED_MS = 3_000;

/** What the bundle exports; each is loaded when it is called. */
export const { command, library } = open();

function open() {
  // The bundle is ASCII: esbuild escapes what is not.
  const source = fs.readFileSync(bundle, 'latin1');
  const cachedData = isKept ? readKept() : undefined;
  const script = new vm.Script(`(function (exports, require, module, importMeta) {${source}\n})`, {
    filename: bundle,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} };
  const importMeta = {
    url: pathToFileURL(bundle).href,
    resolve: import.meta.resolve,
    load: (name) => import(name),
  };
  script.runInThisContext()(module.exports, createRequire(bundle), module, importMeta);
  if (isKept && (cachedData === undefined || script.cachedDataRejected)) keepLater(script);
  return module.exports;
}

function readKept() {
  try {
    return fs.readFileSync(kept);
  } catch {
    return undefined;
  }
}

/** Once all that a start needs was compiled; a shorter life keeps what it came to. */
function keepLater(script) {
  const keep = () => {
    clearTimeout(timer);
    process.off('exit', keep);
    const draft = `${kept}.${process.pid}`;
    try {
      fs.writeFileSync(draft, script.createCachedData());
      fs.renameSync(draft, kept);
    } catch {
      // A folder that is not ours to write: every start reads the code itself.
      fs.rmSync(draft, { force: true });
    }
  };
  const timer = setTimeout(keep, SETTLED_MS).unref();
  process.once('exit', keep);
}
