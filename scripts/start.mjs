// `npm start`: the Koyeb sessions capability over an embedded mock upstream. The command runs in
// this very process, so signals reach it and its exit status is ours.
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { command, root, setUp } from './setup.mjs';

setUp();
const capability = path.relative('', path.join(root, 'capabilities', 'koyeb-sessions.yaml'));
process.argv = [process.execPath, command, 'run', capability, '--mock', ...process.argv.slice(2)];
await import(pathToFileURL(command).href);
