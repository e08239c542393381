// `npm run session-load`: 10,000 calls over a session whose token lives 2 s, while the API refuses
// 5% of them for no reason. None may fail, no POST may be done twice, one login goes on at a time.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startGateway, within } from './gateway.mjs';
import { setUp } from './setup.mjs';

const CALLS = 10_000;
const AT_ONCE = 32;
const LIFE_MS = 2000;
/** Of 20 calls one is refused, the first time it comes. */
const REFUSED_OF = 20;
const LOGIN_MS = 20;
const LONGEST_MS = 240_000;

setUp();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'naftiko-session-'));
const api = await startApi();
let misses;
try {
  const file = path.join(folder, 'session.yaml');
  fs.writeFileSync(file, capability(api.origin));
  const gateway = await startGateway([file], {
    env: { ...process.env, API_PASSWORD: api.password },
  });
  try {
    misses = await within(LONGEST_MS, 'all calls to end', measure(gateway.rest));
  } finally {
    await gateway.stop();
  }
} finally {
  api.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
for (const miss of misses) console.log(`MISSED: ${miss}`);
process.exitCode = misses.length === 0 ? 0 : 1;

async function measure(rest) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const failures = new Map();
  const started = performance.now();
  let next = 0;
  const work = async () => {
    while (next < CALLS) {
      const id = next;
      next += 1;
      const answer = await call(rest, id, agent);
      if (answer !== 200) failures.set(answer, (failures.get(answer) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  agent.destroy();
  const seconds = (performance.now() - started) / 1000;
  const { logins, atOnce, refused, expired, done } = api.seen();
  const posts = [...done.values()];
  const twice = posts.filter((times) => times > 1).length;
  console.log(`${CALLS} calls in ${seconds.toFixed(1)} s, ${AT_ONCE} at once`);
  console.log(`refused for no reason ${refused}, for an old token ${expired}`);
  console.log(`logins ${logins}, at most ${atOnce} at one time`);
  console.log(`POSTs done ${posts.length}, of them twice ${twice}`);
  return [
    ...Array.from(failures, ([answer, count]) => `${count} × ${answer}`),
    ...(twice > 0 ? [`${twice} POSTs were done twice`] : []),
    ...(posts.length === CALLS / 2 ? [] : [`${posts.length} POSTs were done, not ${CALLS / 2}`]),
    ...(atOnce === 1 ? [] : [`${atOnce} logins at one time`]),
    ...(refused === CALLS / REFUSED_OF ? [] : [`${refused} calls were refused`]),
  ];
}

function call(rest, id, agent) {
  const isPost = id % 2 === 1;
  const body = isPost ? JSON.stringify({ id: String(id) }) : undefined;
  const options = {
    agent,
    method: isPost ? 'POST' : 'GET',
    headers: isPost ? { 'content-type': 'application/json' } : {},
  };
  return new Promise((resolve) => {
    const request = http.request(`${rest}/items/${id}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      response.on('end', () =>
        resolve(response.statusCode === 200 ? 200 : `${response.statusCode} ${text}`),
      );
    });
    request.on('error', (error) => resolve(error.code));
    request.end(body);
  });
}

/** An API that takes a token for its two seconds, and counts. */
async function startApi() {
  const password = 'the-password-of-the-load';
  const live = new Map();
  const first = new Set();
  const seen = { logins: 0, atOnce: 0, refused: 0, expired: 0, done: new Map() };
  let opening = 0;

  const answer = (response, status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };

  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname } = new URL(request.url, 'http://api');
    if (pathname === '/login') {
      seen.logins += 1;
      opening += 1;
      seen.atOnce = Math.max(seen.atOnce, opening);
      const given = JSON.parse(Buffer.concat(chunks)).password;
      setTimeout(() => {
        opening -= 1;
        if (given !== password) return answer(response, 403, {});
        const token = `token-${seen.logins}-${Math.random().toString(36).slice(2)}`;
        live.set(token, Date.now() + LIFE_MS);
        answer(response, 200, { token, expires_in: LIFE_MS / 1000 });
      }, LOGIN_MS);
      return;
    }
    const id = pathname.split('/').at(-1);
    const isFirst = !first.has(id);
    first.add(id);
    if (isFirst && Math.floor(Number(id) / 2) % REFUSED_OF === 0) {
      seen.refused += 1;
      return answer(response, 401, { error: 'not now' });
    }
    const token = request.headers.authorization?.slice('Bearer '.length);
    if (!(live.get(token) > Date.now())) {
      seen.expired += 1;
      return answer(response, 401, { error: 'old' });
    }
    if (request.method === 'POST') seen.done.set(id, (seen.done.get(id) ?? 0) + 1);
    answer(response, 200, { id });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    password,
    origin: `http://127.0.0.1:${server.address().port}`,
    seen: () => seen,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function capability(origin) {
  const id = { name: 'id', in: 'path' };
  const body = { name: 'body', in: 'body', type: 'object' };
  const named = (name) => ({ name, call: `api.${name}` });
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    binds: [{ namespace: 'env', keys: { API_PASSWORD: 'API_PASSWORD' } }],
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: origin,
          authentication: {
            type: 'session',
            login: { operation: 'log-in', with: { body: { password: '{{API_PASSWORD}}' } } },
            values: { token: '$.token' },
            inject: [{ in: 'header', name: 'Authorization', value: 'Bearer {{session.token}}' }],
            expires: { in: '$.expires_in' },
          },
          resources: [
            {
              path: '/login',
              operations: [{ name: 'log-in', method: 'POST', inputParameters: [body] }],
            },
            {
              path: '/items/{id}',
              inputParameters: [id],
              operations: [
                { name: 'get', method: 'GET' },
                { name: 'put', method: 'POST', inputParameters: [body] },
              ],
            },
          ],
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: [
            {
              path: '/items/{id}',
              operations: [
                { method: 'GET', ...named('get'), with: { id: 'rest.id' } },
                { method: 'POST', ...named('put'), with: { id: 'rest.id', body: 'rest.body' } },
              ],
            },
          ],
        },
        {
          type: 'mcp',
          namespace: 'tools',
          port: 9090,
          tools: [{ ...named('get'), description: 'One item.', with: { id: 'tools.id' } }],
        },
      ],
    },
  });
}
