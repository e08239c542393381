// The hands of scripts/abuse.mjs: clients that behave badly, one that behaves well, and an upstream.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const HUNDRED_MB = 100 * 1024 * 1024;

/** A JSON-RPC request as `request` takes it. */
export const post = (method, params, headers = {}, id = 1) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
});

/** @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, text: string }>} */
export function request(url, { method, headers, body }) {
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, text }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export async function openSession(url) {
  const clientInfo = { name: 'abuse', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  return (await request(url, post('initialize', params))).headers['mcp-session-id'];
}

/** Sends a request many times on one connection without waiting; how many had the status. */
export function pipelined(url, { headers, body }, count, status = 200) {
  const text = `${head(url, { ...headers, 'content-length': Buffer.byteLength(body) })}${body}`;
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(url.port), url.hostname);
    let received = '';
    let answered = 0;
    let right = 0;
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('close', () => resolve(right));
    socket.on('data', (chunk) => {
      received += chunk;
      const heads = received.match(/HTTP\/1\.1 \d{3} [^\r\n]*\r\n/g) ?? [];
      answered += heads.length;
      right += heads.filter((line) => line.startsWith(`HTTP/1.1 ${status}`)).length;
      received = received.slice(received.lastIndexOf('\r\n') + 2).slice(-40);
      if (answered >= count) socket.destroy();
    });
    socket.write(text.repeat(count));
  });
}

/** Sends spaces until it is cut off or `most` bytes are out; gives the status that came, and what was sent. */
export async function sendChunks(url, headers, { most = 2 * HUNDRED_MB } = {}) {
  const socket = net.connect(Number(url.port), url.hostname);
  let received = '';
  let sent = 0;
  socket.on('error', () => {});
  const moved = () =>
    new Promise((resolve) => {
      for (const event of ['drain', 'data', 'close']) socket.once(event, resolve);
    });
  socket.on('data', (chunk) => {
    received += chunk;
  });
  socket.setMaxListeners(0);
  socket.write(head(url, { 'content-type': 'application/json', ...headers }));
  const chunk = Buffer.from(`100000\r\n${' '.repeat(1024 * 1024)}\r\n`);
  while (!socket.destroyed && sent < most) {
    sent += chunk.length;
    if (!socket.write(chunk)) await moved();
  }
  while (!socket.destroyed && received === '') await moved();
  socket.destroy();
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1]), sent };
}

/** Sends a head or a body drop by drop; gives what came back when the other side hung up. */
export async function drip(url, at) {
  const socket = net.connect(Number(url.port), url.hostname);
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk;
  });
  if (at % 3 > 0) socket.write(`POST /mcp HTTP/1.1\r\nhost: ${url.host}\r\n`);
  while (!socket.destroyed) {
    if (at % 3 === 1 && socket.writable) socket.write(`x-${at}: y\r\n`);
    await sleep(500);
  }
  return received;
}

/** A client of the era without sessions that listens. */
export function listen(url, agent) {
  const method = 'subscriptions/listen';
  const claim = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const notifications = { resourceSubscriptions: ['abused://nobody'] };
  const { headers, body } = post(
    method,
    { notifications, _meta: claim },
    {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
    },
  );
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      let open = true;
      response.on('error', () => {});
      response.on('end', () => {
        open = false;
      });
      response.on('data', (chunk) => {
        text += chunk;
        resolve({ isOpen: () => open, text: () => text, close: () => asked.destroy() });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A client that calls without a pause; the first call that fails is told by `stop`. */
export function keepCalling(url) {
  let running = true;
  let calls = 0;
  let failure;
  const loop = async () => {
    while (running && failure === undefined) {
      try {
        const call = post('tools/call', { name: 'echo', arguments: { text: 'hello' } });
        const { status, text } = await request(url, call);
        if (status !== 200 || !text.includes('"echoed":true')) failure = `${status} ${text}`;
        calls += 1;
      } catch (error) {
        failure = String(error);
      }
      await sleep(5);
    }
  };
  const looping = loop();
  return {
    async stop() {
      running = false;
      await looping;
      return { calls, failure };
    },
  };
}

/** `foreign` counts the calls that no stranger may make. */
export async function startUpstream() {
  let foreign = 0;
  const server = http.createServer((asked, answer) => {
    asked.resume();
    if (asked.url.includes('foreign')) foreign += 1;
    if (asked.url.startsWith('/wait')) return;
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end('{"echoed":true}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    foreign: () => foreign,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Megabytes of a process by a name of /proc; undefined where there is none. */
export function memoryOf(pid, name) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024);
  } catch {
    return undefined;
  }
}

function head(url, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${lines.join('')}\r\n`;
}
