// `npm run faces [-- SEED [RUNS]]`: the same generated inputs on both faces of every operation of the
// tutorial and of the published files, which lie beside the clone: the same request upstream, the
// same value back. The last line counts; a difference is told with the smallest inputs that show it.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { root, setUp } from './setup.mjs';

setUp({ withBuild: false });
const args = ['--import', 'tsx', 'test/faces/whole.ts', ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
