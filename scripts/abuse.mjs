// `npm run abuse`: misbehaves in every way it knows against the real command, which serves
// test/abuse/abused.capability.yaml, while a well-behaved client keeps calling. Prints what was sent,
// what came back and the most memory the gateway ever held; ends with 1 on a breach. Under 90 seconds.
//   npm run abuse -- --sessions 1000000 --seconds 600    ask for a million sessions, however long it takes
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  drip,
  HUNDRED_MB,
  keepCalling,
  listen,
  memoryOf,
  openSession,
  pipelined,
  post,
  request,
  sendChunks,
  startUpstream,
} from './abuse/client.mjs';
import { startGateway } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '15' },
  },
});
/** What a gateway may hold at most, and by how much more sessions without end may make it grow. */
const MOST_MB = 1_000;
const MOST_GROWTH_MB = 150;

setUp();
const breaches = [];
const expect = (holds, what) => {
  if (!holds) breaches.push(what);
};
const upstream = await startUpstream();
const file = path.join(root, 'test', 'abuse', 'abused.capability.yaml');
const gateway = await startGateway([file, '--base-uri', `api=${upstream.url}`]);
const url = new URL(gateway.mcp);
const control = keepCalling(url);
const began = performance.now();
try {
  // They are hung up on after 30 seconds, while all the rest goes on.
  const slow = Array.from({ length: 300 }, (_, at) => drip(url, at));
  await wave('foreign Origin and Host', foreign);
  await wave('sessions asked for', sessions);
  await wave('bodies of 100 MB', bodies);
  await wave('deep and wide JSON', shapes);
  await wave('streams that are idle', streams);
  await wave('cancellations', cancellations);
  const left = Math.max(0, 45_000 - (performance.now() - began));
  const ended = await Promise.race([Promise.all(slow), sleep(left, [])]);
  expect(ended.length === slow.length, 'slow senders were still connected after 45 seconds');
  const told = ended.filter((answer) => answer === '' || answer.startsWith('HTTP/1.1 408'));
  expect(told.length === ended.length, 'a slow sender got something else than 408');
  console.log(`slow senders: ${ended.length} of ${slow.length} hung up on`);
} finally {
  const { calls, failure } = await control.stop();
  expect(failure === undefined, `the well-behaved client: ${failure}`);
  const peak = memoryOf(gateway.pid, 'VmHWM');
  expect(peak === undefined || peak < MOST_MB, `${peak} MB of memory at most, over ${MOST_MB}`);
  const status = await gateway.stop();
  expect(status === 0, `the gateway ended with ${status}`);
  await upstream.close();
  console.log(
    `well-behaved client: ${calls} calls, ${failure === undefined ? 'none' : 'one'} failed`,
  );
  console.log(`peak memory ${peak ?? 'unknown:'} MB (bar ${MOST_MB} MB)`);
  console.log(`${Math.round((performance.now() - began) / 1000)} s`);
}
for (const breach of breaches) console.log(`BREACH: ${breach}`);
process.exit(breaches.length === 0 ? 0 : 1);

async function wave(name, run) {
  const started = performance.now();
  const said = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: ${said} (${seconds} s, ${memoryOf(gateway.pid, 'VmRSS') ?? '?'} MB)`);
}

async function foreign() {
  const before = upstream.foreign();
  let refused = 0;
  const headers = [
    { host: 'evil.example' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ];
  for (let at = 0; at < 300; at += 1) {
    const call = post('tools/call', { name: 'echo', arguments: { text: 'foreign' } });
    const { status } = await request(url, {
      ...call,
      headers: { ...call.headers, ...headers[at % 3] },
    });
    if (status === 403) refused += 1;
  }
  expect(refused === 300, `${300 - refused} foreign requests were not refused with 403`);
  expect(upstream.foreign() === before, 'a foreign request ran');
  return `${refused} of 300 refused`;
}

async function sessions() {
  const first = await openSession(url);
  const most = Number(values.sessions);
  const until = performance.now() + Number(values.seconds) * 1_000;
  let asked = 0;
  let opened = 0;
  let settled;
  const body = post('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'abuse', version: '1' },
  });
  const work = async () => {
    while (asked < most && performance.now() < until) {
      const count = Math.min(50, most - asked);
      asked += count;
      const served = await pipelined(url, body, count);
      opened += served;
      // When there are as many as there may be, there is nothing more to grow.
      if (settled === undefined && opened > 3_000) settled = memoryOf(gateway.pid, 'VmRSS');
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  const grown = grownSince(settled);
  expect(opened === asked, `${asked - opened} of ${asked} sessions were refused`);
  expect(grown < MOST_GROWTH_MB, `sessions made memory grow by ${grown} MB`);
  expect(opened < 1_001 || (await pinged(first)) === 404, 'the oldest session has not ended');
  expect((await pinged(await openSession(url))) === 200, 'a new session is not served');
  return `${opened} opened, memory ${grown >= 0 ? '+' : ''}${grown} MB after the first 3,000`;
}

function grownSince(before) {
  const now = memoryOf(gateway.pid, 'VmRSS');
  return now === undefined || before === undefined ? 0 : now - before;
}

async function pinged(id) {
  return (await request(url, post('ping', {}, { 'mcp-session-id': id }))).status;
}

async function bodies() {
  const announced = await Promise.all(
    Array.from({ length: 50 }, () =>
      sendChunks(url, { 'content-length': HUNDRED_MB }, { most: 0 }),
    ),
  );
  const chunked = await Promise.all(
    Array.from({ length: 4 }, () => sendChunks(url, { 'transfer-encoding': 'chunked' })),
  );
  const all = [...announced, ...chunked];
  const early = all.filter(({ status, sent }) => status === 413 && sent < HUNDRED_MB).length;
  expect(early === all.length, `${all.length - early} of the large bodies were not refused early`);
  return `${early} of ${all.length} refused early`;
}

async function shapes() {
  const list = '['.repeat(100_000) + ']'.repeat(100_000);
  const keys = Array.from({ length: 200_000 }, (_, at) => `"k${at}":1`).join(',');
  const batch = Array.from({ length: 10_000 }, (_, id) =>
    JSON.parse(post('ping', {}, {}, id).body),
  );
  const texts = [
    [400, list],
    [400, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${list}}}`],
    [
      200,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"post","arguments":{"any":${list}}}}`,
    ],
    [
      200,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{${keys}}}}`,
    ],
    [400, JSON.stringify(batch)],
    [400, `{"jsonrpc":"2.0","id":"${'x'.repeat(5_000_000)}","method":"ping"}`],
  ];
  let right = 0;
  for (let round = 0; round < 2; round += 1) {
    for (const [wanted, body] of texts) {
      const answer = await request(url, { ...post('ping', {}), body });
      if (answer.status === wanted && answer.text.length < 10_000) right += 1;
    }
  }
  expect(right === 12, `${12 - right} odd bodies had another answer than they should`);
  return `${right} of 12 answered as they should be`;
}

async function streams() {
  const agent = new http.Agent({ keepAlive: false });
  const listening = [];
  for (let at = 0; at < 2_000; at += 100) {
    listening.push(...(await Promise.all(Array.from({ length: 100 }, () => listen(url, agent)))));
  }
  const kept = listening.filter(({ isOpen }) => isOpen()).length;
  const refused = listening.filter(({ text }) => text().includes('limit reached')).length;
  expect(kept <= 1_000 && kept + refused === 2_000, `${kept} streams kept, ${refused} refused`);
  for (const { close } of listening) close();
  return `${kept} of 2000 kept, ${refused} refused`;
}

async function cancellations() {
  const session = { 'mcp-session-id': await openSession(url) };
  const notification = (requestId) => ({
    ...post('ping', {}, session),
    body: JSON.stringify(
      Array.from({ length: 100 }, (_, at) => ({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: requestId + at },
      })),
    ),
  });
  const until = performance.now() + 6_000;
  let before;
  let sent = 0;
  while (performance.now() < until) {
    const taken = await pipelined(url, notification(sent), 10, 202);
    sent += 100 * taken;
    if (sent > 5_000) before ??= memoryOf(gateway.pid, 'VmRSS');
    const waiting = request(url, post('tools/call', { name: 'wait' }, session, sent));
    await request(url, notification(sent));
    await waiting;
  }
  const grown = grownSince(before);
  expect(grown < MOST_GROWTH_MB, `cancellations made memory grow by ${grown} MB`);
  return `${sent} sent, memory ${grown >= 0 ? '+' : ''}${grown} MB`;
}
