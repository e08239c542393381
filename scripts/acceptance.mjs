// `npm run acceptance [-- ARGS...]`: the acceptance run, which lies beside the clone, over the seeds
// and the whole corpus of published files; with ARGS, over what they name instead.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root, setUp } from './setup.mjs';

const shared = path.join(root, '..', 'shared');
const runner = path.join(shared, 'acceptance', 'corpus.mjs');
if (!fs.existsSync(runner)) {
  console.error(
    `The acceptance run is not here: ${runner}. Put the folder "shared" beside the clone.`,
  );
  process.exit(1);
}
setUp();
const given = process.argv.slice(2);
const everything = [path.join(shared, 'seeds'), path.join(shared, 'corpus', 'capabilities')];
const args = [runner, ...(given.length > 0 ? given : everything)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
