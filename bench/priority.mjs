// Linux weighs sessions before it weighs processes in them, so the priority that this run was given
// (`nice -n -10 npm run bench`) counts for nothing against other sessions unless theirs knows of it.
import fs from 'node:fs';
import os from 'node:os';

const FILE = '/proc/self/autogroup';
const FIRST = '-19';

/** Puts the session of a run with raised priority before others; what comes back undoes it. */
export function raiseSession() {
  try {
    if (os.getPriority() >= 0) return () => {};
    const before = /nice (-?\d+)/.exec(fs.readFileSync(FILE, 'utf8'))[1];
    fs.writeFileSync(FILE, FIRST);
    return () => fs.writeFileSync(FILE, before);
  } catch {
    return () => {};
  }
}
