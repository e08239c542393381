// `npm test [-- WORD...]`: every test in one process, or those whose file name holds a WORD.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { root, setUp } from './setup.mjs';

setUp();
const child = spawn(
  process.execPath,
  ['--import', 'tsx', '--test-reporter=spec', 'test/all.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => {
  process.exitCode = status ?? 128 + constants.signals[signal];
});
