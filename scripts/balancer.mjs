// `npm run balanced`: two gateways that share nothing but a state key, one of them of two processes,
// behind a proxy that hands each request to the next of them in turn. Clients of both eras call at the same time, in sessions and
// without, also with questions in between, which the other gateway then takes up. Every answer is
// compared with what it must say. Ends with status 1 when one is wrong.
//   npm run balanced -- --calls 8000      so many calls in all (4000), or what 50 s are enough for
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startUpstream } from '../test/conformance/upstream.mjs';
import { CALLERS, rounds } from './balancer/callers.mjs';
import { startProxy } from './balancer/proxy.mjs';
import { freePort } from './free-port.mjs';
import { startGateway } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

const GATEWAYS = 2;
/** Clients of each kind at the same time. */
const TOGETHER = 4;
const TIME_LIMIT_MS = 50_000;
const SHOWN = 10;

const { values } = parseArgs({ options: { calls: { type: 'string', default: '4000' } } });

setUp();
const upstream = await startUpstream();
const shared = { ...process.env, NAFTIKO_STATE_KEY: randomBytes(32).toString('base64') };
const gateways = await Promise.all(Array.from({ length: GATEWAYS }, start));
const proxy = await startProxy(gateways.map(({ mcp }) => new URL(mcp)));
const deadline = Date.now() + TIME_LIMIT_MS;
const counts = new Map();
const errors = [];
let left = Number(values.calls);

const started = Date.now();
await Promise.all(
  Object.keys(CALLERS).flatMap((kind) => Array.from({ length: TOGETHER }, () => keepCalling(kind))),
);
const seconds = (Date.now() - started) / 1000;
await proxy.close();
const statuses = await Promise.all(gateways.map(({ stop }) => stop()));
await upstream.close();

for (const [kind, count] of counts) console.log(`${String(count).padStart(7)}  ${kind}`);
const made = Array.from(counts.values()).reduce((sum, count) => sum + count, 0);
console.log(
  `${made} calls in ${seconds.toFixed(1)} s, ${proxy.served.join(' and ')} requests each`,
);
console.log(`${rounds.moved} of ${rounds.all} rounds with answers reached another gateway`);
for (const kind of Object.keys(CALLERS))
  if (!counts.has(kind)) errors.push(`${kind}: no call made`);
if (rounds.moved === 0) errors.push('no round reached another gateway than the one that asked');
if (statuses.some((status) => status !== 0)) errors.push(`gateways ended with ${statuses}`);
for (const error of errors.slice(0, SHOWN)) console.log(`FAIL  ${error}`);
console.log(`${errors.length} errors`);
process.exit(errors.length > 0 ? 1 : 0);

async function start(_, at) {
  const capability = path.join(root, 'test', 'conformance', 'conformance.capability.yaml');
  const args = [capability, '--base-uri', `fixture=${upstream.url}`];
  args.push('--advertise', `127.0.0.1:${await freePort()}`);
  if (at === 0) args.push('--workers', '2');
  return startGateway(args, { needs: ['mcp'], env: shared });
}

/** One client, which makes the calls of its kind in turn until all have been made. */
async function keepCalling(kind) {
  try {
    const { calls, close } = await CALLERS[kind](proxy.url);
    while (left > 0 && Date.now() < deadline) await each(kind, Object.entries(calls));
    await close();
  } catch (error) {
    errors.push(`${kind}: ${reasonOf(error)}`);
  }
}

async function each(kind, calls) {
  for (const [name, call] of calls) {
    if (left <= 0 || Date.now() > deadline) return;
    left -= 1;
    try {
      await call();
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    } catch (error) {
      errors.push(`${kind}, ${name}: ${reasonOf(error).split('\n')[0]}`);
    }
  }
}

function reasonOf({ message, cause }) {
  return cause === undefined ? message : `${message} (${cause.code ?? cause.message})`;
}
