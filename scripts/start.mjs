// `npm start`: the Koyeb sessions capability over an embedded mock upstream. The command runs in
// this very process, so signals reach it and its exit status is ours.
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { command, root, setUp } from './setup.mjs';

setUp();
endWithParent();
const capability = path.relative('', path.join(root, 'capabilities', 'koyeb-sessions.yaml'));
process.argv = [process.execPath, command, 'run', capability, '--mock', ...process.argv.slice(2)];
await import(pathToFileURL(command).href);

/** npm hands a SIGTERM to its shell only, and some shells end without telling their child. */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
