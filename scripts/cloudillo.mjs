// `npm run cloudillo`: capabilities/cloudillo-authentication.yaml before a running server of Cloudillo,
// every operation over both faces, and its session while tokens end. A line for each step; status 1
// when one did not go as it should. The account is left as it was found.
//   CLOUDILLO_ID_TAG=alice.test CLOUDILLO_PASSWORD=… npm run cloudillo -- [--server URL] [--app URL]
//     [--connect-to HOST=ADDRESS]… [--reference ID]… [--later COMMAND]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startFront } from '../test/live/front.ts';
import { given, steps } from '../test/live/journey.ts';
import { goThrough, untold } from '../test/live/journeys.ts';
import { session } from '../test/live/session.ts';
import { restActor, toolActor } from '../test/stories/actor.ts';
import { operationsOf } from '../test/stories/outline.ts';
import { startGateway } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

const LONGEST_MS = 300_000;
const FILE = path.join(root, 'capabilities', 'cloudillo-authentication.yaml');

const { values } = parseArgs({
  options: {
    server: { type: 'string' },
    app: { type: 'string' },
    'connect-to': { type: 'string', multiple: true, default: [] },
    reference: { type: 'string', multiple: true, default: [] },
    later: { type: 'string' },
  },
});
const { CLOUDILLO_ID_TAG: idTag, CLOUDILLO_PASSWORD: password } = process.env;
if (!idTag || !password) {
  console.error('The account is missing: set CLOUDILLO_ID_TAG and CLOUDILLO_PASSWORD.');
  process.exit(2);
}
const { server = `https://cl-o.${idTag}`, app = `https://${idTag}` } = values;

setUp();
setTimeout(() => process.exit(1), LONGEST_MS).unref();
const operations = operationsOf(FILE);
const closing = [];
const closer = { after: (close) => closing.unshift(close) };
const told = [];
const tell = (each) => {
  told.push(each);
  const { face, operation, what, failure } = each;
  const sign = failure === undefined ? 'ok  ' : 'MISS';
  console.log(`${sign}  ${face.padEnd(4)}  ${operation.padEnd(34)}  ${what}`);
  if (failure !== undefined) console.log(failure.replace(/^/gm, '        '));
};

try {
  for (const [at, actor] of (await serve(server)).entries()) {
    const reference = values.reference[at];
    const step = steps(actor.face, tell);
    await goThrough({ actor, idTag, password, step, ...(reference && { reference }) });
  }
  const url = new URL(server);
  const pairs = values['connect-to'].map((pair) => pair.split('='));
  const [, address] = pairs.find(([host]) => host === url.host || host === url.hostname) ?? [];
  const front = await startFront(closer, { url, ...(address && { address }) });
  const actors = await serve(front.origin);
  const step = steps('both', tell);
  await session(front, actors, step);
  if (values.later !== undefined) await later(values.later, actors, front, step);
} finally {
  for (const close of closing) await close();
}
const missed = told.filter(({ failure }) => failure !== undefined).length;
const left = untold(operations, new Set(told.map(({ operation }) => operation)));
if (left.length > 0) console.log(`MISS  no step was about ${left.join(', ')}`);
console.log(`${told.length} steps, ${missed} missed; ${operations.length} operations on two faces`);
process.exitCode = missed + left.length === 0 ? 0 : 1;

/** A gateway before the server, and a caller on each of its faces. */
async function serve(origin) {
  const bases = ['--base-uri', `cloudillo-api=${origin}`, '--base-uri', `cloudillo-app=${app}`];
  const places = values['connect-to'].flatMap((pair) => ['--connect-to', pair]);
  const gateway = await startGateway([FILE, ...bases, ...places]);
  closer.after(() => gateway.stop());
  const note = () => {};
  return [
    restActor(operations, gateway.rest, note),
    await toolActor(closer, operations, gateway.mcp, note),
  ];
}

/** What the server takes for a token after COMMAND has let its life pass. */
async function later(command, [actor], front, step) {
  const logins = () => front.count('POST /api/auth/login');
  await step('session', 'a token whose life is over is renewed unnoticed', async () => {
    await given(actor.call('list-api-keys'));
    const before = logins();
    const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command}: status ${status}`);
    await given(actor.call('list-api-keys'));
    if (logins() !== before + 1) throw new Error(`${logins() - before} logins`);
  });
}
