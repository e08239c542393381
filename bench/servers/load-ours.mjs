// The same folder as the package reads and checks it.
import process from 'node:process';
import { loadFiles } from '../../dist/index.js';

const { loaded, findings } = await loadFiles([process.argv[2]]);
const wrong = loaded.filter(({ document }) => document === undefined);
process.stdout.write(`${wrong.length + findings.length}\n`);
process.exitCode = wrong.length + findings.length === 0 ? 0 : 1;
