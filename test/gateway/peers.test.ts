import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { createGateway } from '../../src/gateway/gateway.ts';
import { successorsIn } from '../../src/gateway/successors.ts';
import { connectRedis } from '../../src/redis/redis.ts';
import { keyFor } from '../../src/sealed.ts';
import { ASKING } from '../mcp/ask-capability.ts';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { freePort, jsonBody, send } from '../support/http.ts';
import { PASSWORD, startRedis } from '../support/redis.ts';
import { converseWithAll, type Several, startSeveral } from './several.ts';

const KEY = 'one-key-for-all-of-them-0123456789';
const both = { accept: 'application/json, text/event-stream' };

/** Gateways as on machines of their own, which know where they are reached. */
const serve = (
  t: TestContext,
  more: readonly TestGatewayOptions[] = [{}, {}, {}],
): Promise<Several> =>
  startSeveral(
    t,
    more.map((each) => ({ advertise: '127.0.0.1:0', ...each })),
  );

const listen = (
  { mcp }: TestGateway,
  session: Readonly<Record<string, string>>,
  signal: AbortSignal | null = null,
): Promise<Response> =>
  fetch(mcp, { headers: { ...session, accept: 'text/event-stream' }, signal });

async function open({ mcp }: TestGateway): Promise<Readonly<Record<string, string>>> {
  const opened = await sendRaw(mcp, initialize(), both);
  return { ...both, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
}

const statusOf = async (
  { mcp }: TestGateway,
  session: Readonly<Record<string, string>>,
  method?: string,
): Promise<number> =>
  (await sendRaw(mcp, method === 'DELETE' ? undefined : rpc('tools/list'), session, method)).status;

test('sessions are of whoever opened them, whichever machine a request reaches', async (t) => {
  await converseWithAll(t, await serve(t), 9);
});

test('one stream of a session is one stream for all machines, and who leaves is gone', async (t) => {
  const { gateways } = await serve(t);
  const [first, second, third] = gateways as [TestGateway, TestGateway, TestGateway];
  const session = await open(first);
  const leaving = new AbortController();
  assert.equal((await listen(second, session, leaving.signal)).status, 200);
  const another = await listen(third, session);
  assert.equal(another.status, 409);
  await another.body?.cancel();
  leaving.abort();
  for (let status = 409; status !== 200; ) {
    const again = await listen(third, session);
    status = again.status;
    await again.body?.cancel();
  }
});

test('a session that is ended anywhere is ended everywhere', async (t) => {
  const { gateways } = await serve(t);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const session = await open(first);
  assert.equal(await statusOf(second, session, 'DELETE'), 200);
  for (const each of gateways) assert.equal(await statusOf(each, session), 404);
});

test('a session whose client says too much of itself for an id is handed on, and ends with its holder', async (t) => {
  const { gateways } = await serve(t);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const opening = initialize() as { readonly params: object };
  const capabilities = { experimental: { all: { text: 'x'.repeat(2_000) } } };
  const said = { ...opening, params: { ...opening.params, capabilities } };
  const opened = await sendRaw(first.mcp, said, both);
  const session = { ...both, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  assert.equal(await statusOf(second, session), 200);
  await first.gateway.stop();
  assert.equal(await statusOf(second, session), 404);
});

test('sessions of a machine that is gone go on with whoever is asked', async (t) => {
  const several = await serve(t);
  const [first, second] = several.gateways as [TestGateway, TestGateway];
  const session = await open(second);
  assert.equal(await statusOf(first, session), 200);
  await second.gateway.stop();
  for (const each of [first, several.gateways[2] as TestGateway])
    assert.equal(await statusOf(each, session), 200);
});

test('sessions return to a gateway that is back at its address', async (t) => {
  const advertise = `127.0.0.1:${await freePort()}`;
  const { gateways } = await serve(t, [{ advertise }, { metrics: true }]);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const session = await open(first);
  await first.gateway.stop();
  assert.equal(await statusOf(second, session), 200);
  const again = await startGateway(t, ASKING, { advertise, stateKey: KEY });
  const listening = await listen(again, session);
  assert.equal(listening.status, 200);
  // The second one has the session as well, until it has seen that the first is back.
  const handedOn = /^naftiko_sessions_handed_on_total\{outcome="reached"\} 1$/m;
  while (!handedOn.test((await second.gateway.metrics?.text()) ?? ''))
    assert.equal(await statusOf(second, session), 200);
  assert.equal((await listen(second, session)).status, 409);
  assert.equal(await statusOf(second, session, 'DELETE'), 200);
  for (const each of [again, second]) assert.equal(await statusOf(each, session), 404);
  await listening.body?.cancel().catch(() => {});
});

test('a gateway that falls silent keeps nobody waiting, on kept connections neither', async (t) => {
  const port = await freePort();
  const { gateways } = await serve(t, [{ advertise: `127.0.0.1:${port}` }, {}]);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const session = await open(first);
  await first.gateway.stop();
  let asked = 0;
  const psk = keyFor('naftiko peers 1', KEY);
  const silent = https.createServer({
    ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
    maxVersion: 'TLSv1.2',
    pskCallback: () => psk,
  });
  silent.on('checkContinue', (request, response) => {
    asked += 1;
    if (asked > 1) return;
    response.writeContinue();
    request.resume().on('end', () => response.writeHead(202).end());
  });
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  t.after(() => {
    silent.close();
    silent.closeAllConnections();
  });
  assert.equal(await statusOf(second, session), 202);
  assert.equal(await statusOf(second, session), 200);
  assert.equal(asked, 2);
});

test('who sends a body that is refused, all of it before reading, hears so', async (t) => {
  const { gateways } = await serve(t, [{}, {}]);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const session = await open(first);
  const body = Buffer.alloc(12 * 1024 * 1024, 'x');
  for (const [type, status] of [
    ['application/json', 413],
    ['text/plain', 415],
  ] as const) {
    const own = { host: '127.0.0.1', 'content-type': type, 'content-length': body.length };
    const head = Object.entries({ ...session, ...own });
    const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = net.connect(Number(new URL(second.mcp).port), '127.0.0.1');
    t.after(() => socket.destroy());
    const answered = once(socket, 'data');
    socket.write(`POST /mcp HTTP/1.1\r\n${lines}\r\n`);
    await new Promise((resolve) => socket.write(body, resolve));
    assert.match(String(await answered), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

test('nobody outside says that he is another gateway', async (t) => {
  const { gateways } = await serve(t);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const session = await open(first);
  assert.equal(await statusOf(second, session, 'DELETE'), 200);
  assert.equal(await statusOf(second, { ...session, 'x-naftiko-listener': '0.0' }), 404);
});

test('with Redis all hear of the same successor, also of a successor', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const clients = await Promise.all(
    [1, 2].map(() => connectRedis({ url: new URL(redis.url), key: KEY })),
  );
  t.after(() => Promise.all(clients.map((client) => client.close())));
  const gateways = clients.map(successorsIn);
  for (let session = 0; session < 50; session += 1) {
    let gone = 'a:1';
    for (let round = 0; round < 3; round += 1) {
      const named = await Promise.all(
        gateways.map((gateway, at) => gateway.of(`session ${session}`, gone, `${round}:${at + 1}`)),
      );
      assert.equal(new Set(named).size, 1);
      gone = named[0] as string;
    }
  }
});

test('with Redis one of them goes on with such a session, for all', async (t) => {
  const redis = await startRedis(t);
  if (redis === undefined) return;
  const several = await serve(t, Array(4).fill({ redis: redis.url }));
  const [first, second, third, fourth] = several.gateways as [
    TestGateway,
    TestGateway,
    TestGateway,
    TestGateway,
  ];
  const session = await open(first);
  await first.gateway.stop();
  assert.equal(await statusOf(second, session), 200);
  const listening = await fetch(third.mcp, {
    headers: { ...session, accept: 'text/event-stream' },
  });
  assert.equal(listening.status, 200);
  const another = await fetch(fourth.mcp, { headers: { ...session, accept: 'text/event-stream' } });
  assert.equal(another.status, 409);
  await another.body?.cancel();
  await second.gateway.stop();
  await listening.body?.cancel().catch(() => {});
  assert.equal(await statusOf(third, session, 'DELETE'), 200);
  assert.equal(await statusOf(fourth, session), 404);
  assert.doesNotMatch(
    redis.command('--no-auth-warning', '-a', PASSWORD, 'keys', '*'),
    /127\.0\.0\.1/,
  );
});

test('whoever has taken the place of a gateway hears nothing of what is sent there', async (t) => {
  const port = await freePort();
  const { gateways } = await serve(t, [{ advertise: `127.0.0.1:${port}` }, {}]);
  const [first, second] = gateways as [TestGateway, TestGateway];
  const session = await open(first);
  await first.gateway.stop();
  const heard: Buffer[] = [];
  const other = net.createServer((socket) => {
    socket.on('data', (bytes) => heard.push(bytes)).on('error', () => {});
  });
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  t.after(() => other.close());
  const secret = 'Bearer a-token-of-the-caller';
  assert.equal(await statusOf(second, { ...session, authorization: secret }), 200);
  assert.ok(heard.length > 0);
  const text = Buffer.concat(heard).toString('latin1');
  assert.doesNotMatch(text, /token-of-the-caller|tools\/list|mcp-session-id/);
});

test('the port of a gateway answers nobody who does not know the state key', async (t) => {
  const port = await freePort();
  const { gateways } = await serve(t, [{ advertise: `127.0.0.1:${port}` }]);
  const stranger = await startGateway(t, ASKING, {
    stateKey: 'another-key-of-somebody-else-98765',
    advertise: '127.0.0.1:0',
  });
  const session = await open(gateways[0] as TestGateway);
  assert.equal(await statusOf(stranger, session), 404);
  const answer = await new Promise<string>((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-naftiko-listener: 0\r\n\r\n');
    });
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.on('error', () => {}).on('close', () => resolve(text));
  });
  assert.doesNotMatch(answer, /HTTP\/1/);
});

test('who knocks and says nothing to the point keeps no gateway from stopping', async (t) => {
  const port = await freePort();
  const { gateways } = await serve(t, [{ advertise: `127.0.0.1:${port}`, stopTimeout: 50 }]);
  const knocking = net.connect(port, '127.0.0.1').on('error', () => {});
  await new Promise<void>((resolve) => knocking.on('connect', resolve));
  // Half of what TLS would begin with.
  knocking.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
  const gone = new Promise<void>((resolve) => knocking.on('close', () => resolve()));
  await gateways[0]?.gateway.stop();
  await gone;
});

test('who is counted is the caller, not the gateway that hands on', async (t) => {
  const several = await serve(t, Array(2).fill({ rateLimit: [{ requests: 2, perSeconds: 3600 }] }));
  const [first, second] = several.gateways as [TestGateway, TestGateway];
  const session = await open(first);
  async function callFrom(localAddress: string, { mcp }: TestGateway): Promise<string> {
    const { headers, ...sent } = jsonBody(rpc('tools/call', { name: 'perhaps', arguments: {} }));
    const agent = new http.Agent({ localAddress });
    return (await send(mcp, '/mcp', { ...sent, headers: { ...headers, ...session }, agent })).text;
  }
  for (const each of [first, second])
    assert.doesNotMatch(await callFrom('127.0.0.2', each), /limit/i);
  assert.match(await callFrom('127.0.0.2', second), /limit/i);
  assert.doesNotMatch(await callFrom('127.0.0.3', second), /limit/i);
});

test('an address that nobody could reach, and one without a secret, are refused', async () => {
  const refused = [
    ['10.0.0.1', KEY, /write it as HOST:PORT/],
    ['http://10.0.0.1:80', KEY, /write it as HOST:PORT/],
    ['0.0.0.0:9465', KEY, /stands for all of a machine/],
    ['[::]:9465', KEY, /stands for all of a machine/],
    ['10.0.0.1:9465', '', /Set NAFTIKO_STATE_KEY/],
  ] as const;
  for (const [advertise, stateKey, why] of refused) {
    await assert.rejects(createGateway({ files: [], advertise, stateKey, environment: {} }), {
      name: 'OptionError',
      message: why,
    });
  }
});

test('a port that is taken is told before anything is served', async (t) => {
  const taken = net.createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as net.AddressInfo;
  const advertise = `127.0.0.1:${port}`;
  await assert.rejects(startGateway(t, ASKING, { advertise, stateKey: KEY }), {
    name: 'StartError',
    message: `--advertise ${advertise}: the port is taken by another program, or by this gateway itself. Choose one that is free.`,
  });
});
