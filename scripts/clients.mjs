// `npm run clients`: the clients that people point at a gateway, each against a running one with a
// mock upstream. The client packages are installed on first use into .cache/, not into the project.
// `npm run clients -- WORD...` takes those whose name holds a WORD.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { curl } from './clients/curl.mjs';
import { assertLogin, assertLogout, LOGIN, loginArguments } from './clients/expected.mjs';
import { inspector } from './clients/inspector.mjs';
import { aiSdk, langchain } from './clients/libraries.mjs';
import { sdk } from './clients/sdk.mjs';
import { startGateway, within } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

const CLIENT_TIMEOUT_MS = 240_000;
const CLIENTS = { curl, 'SDK client': sdk, inspector, '@ai-sdk/mcp': aiSdk, langchain };

setUp();
const words = process.argv.slice(2);
const chosen = Object.entries(CLIENTS).filter(
  ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
);
const seeds = path.join(root, '..', 'shared', 'seeds');
const files = fs.existsSync(seeds) ? seeds : path.join(root, 'capabilities');

const gateway = await startGateway([files, '--mock']);
let failed = 0;
for (const [name, drive] of chosen) {
  const started = Date.now();
  const verdict = await within(CLIENT_TIMEOUT_MS, name, judge(name, drive)).catch((error) => error);
  const seconds = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  if (verdict instanceof Error) failed += 1;
  const line = verdict instanceof Error ? `FAIL  ${name}: ${verdict.message}` : `pass  ${verdict}`;
  console.log(`${line} (${seconds})`);
}
const status = await gateway.stop();
if (status !== 0) console.log(`FAIL  the gateway ended with ${status}`);
console.log(`${chosen.length - failed} of ${chosen.length} clients passed`);
// A client library may keep a connection of its own; nothing is waited for any more.
process.exit(failed > 0 || status !== 0 || chosen.length === 0 ? 1 : 0);

async function judge(name, drive) {
  const fingerprint = `fp-${name.replace(/\W+/g, '-')}`;
  const { version, tools, login, logout, note } = await drive(gateway, loginArguments(fingerprint));
  for (const tool of [LOGIN, 'logout-user']) {
    if (!tools.includes(tool)) throw new Error(`tools/list lacks ${tool}: ${tools.join(', ')}`);
  }
  assertLogin(login, fingerprint);
  assertLogout(logout);
  const more = note === undefined ? '' : `, ${note}`;
  return `${name} ${version}: ${tools.length} tools, login and logout reached the upstream${more}`;
}
