// `npm run check`: style and lint, types, unused code. All are run, so that one reading shows all.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { root, setUp } from './setup.mjs';

const CHECKS = [
  ['@biomejs/biome', 'bin/biome', 'check', '--error-on-warnings', '.'],
  ['typescript', 'bin/tsc', '--noEmit', '-p', '.'],
  ['typescript', 'bin/tsc', '-p', 'test'],
  ['knip', 'bin/knip.js'],
];

setUp({ withBuild: false });
for (const [name, bin, ...args] of CHECKS) {
  const program = `${root}/node_modules/${name}/${bin}`;
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  console.log(`${status === 0 ? 'pass' : 'FAIL'}  ${name} ${args.join(' ')}`);
  if (status !== 0) process.exitCode = 1;
}
