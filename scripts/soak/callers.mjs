// One call of each kind, and what it must be answered. Each rejects with an AssertionError otherwise.
import assert from 'node:assert/strict';
import http from 'node:http';
import { FAULTS, itemOf } from './upstream.mjs';

const REVISION = '2026-07-28';
const META = 'io.modelcontextprotocol';
const LEAVES_AFTER_MS = 20;
const SHARE_OF_FAULTS = 0.25;
const CALLS_OF_A_SESSION = 20;
/** Faults that leave nothing to tell on MCP: the answer is there. */
const isFailure = (fault) => (FAULTS[fault] ?? 200) >= 400;

let last = 0;
const nextId = () => {
  last += 1;
  return String(last);
};

function pickFault() {
  if (Math.random() > SHARE_OF_FAULTS) return undefined;
  const names = Object.keys(FAULTS);
  return names[Math.floor(Math.random() * names.length)];
}

/** The kinds of call by name, with how often each comes: `weight` of the sum of all. */
export function createCallers({ rest, mcp }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  const ask = (url, options) => exchange(url, { agent, ...options });
  const json = { 'content-type': 'application/json' };
  const accept = { ...json, accept: 'application/json, text/event-stream' };
  const sessions = [];

  async function read() {
    const [id, fault] = [nextId(), pickFault()];
    const query = fault === undefined ? '' : `?fault=${fault}`;
    const { status, body, headers } = await ask(`${rest}/items/${id}${query}`);
    assert.equal(status, FAULTS[fault] ?? 200, `GET with fault ${fault}: ${status} ${body}`);
    if (status === 200) assert.deepEqual(JSON.parse(body), itemOf(id));
    if (status >= 502 && fault !== 'away') {
      assert.match(headers['content-type'], /^application\/problem\+json/);
    }
  }

  async function shorten() {
    const id = nextId();
    const { body } = await ask(`${rest}/short/${id}`);
    assert.deepEqual(JSON.parse(body), { id, owner: `owner-${id}` });
  }

  async function chain() {
    const id = nextId();
    const { body } = await ask(`${rest}/whose/${id}`);
    assert.deepEqual(JSON.parse(body), { item: id, owner: `owner-${id}` });
  }

  async function add() {
    const [id, fault] = [nextId(), pickFault()];
    const sent = JSON.stringify({ id, fault });
    const { status, body } = await ask(`${rest}/items`, {
      method: 'POST',
      headers: json,
      body: sent,
    });
    assert.equal(status, FAULTS[fault] ?? 200, `POST with fault ${fault}: ${status} ${body}`);
    if (status === 200) assert.deepEqual(JSON.parse(body), { added: id });
  }

  async function large() {
    const { status, body } = await ask(`${rest}/large`);
    assert.equal(status, 200);
    assert.equal(body.length, 1_000_011);
  }

  async function mistakes() {
    const broken = await ask(`${rest}/items`, { method: 'POST', headers: json, body: '{"id":' });
    assert.equal(broken.status, 400, broken.body);
    assert.equal((await ask(`${rest}/nowhere`)).status, 404);
  }

  async function leave() {
    const outcome = await exchange(`${rest}/items/${nextId()}?fault=slow`, {
      agent: false,
      leaveAfter: LEAVES_AFTER_MS,
    });
    assert.equal(outcome.status, 'left');
  }

  async function rpc(method, params, headers, name) {
    const id = nextId();
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const answer = await ask(mcp, { method: 'POST', headers: { ...accept, ...headers }, body });
    const data = /^data: (.*)$/m.exec(answer.body)?.[1] ?? answer.body;
    assert.equal(answer.status, 200, `${method} ${name ?? ''}: ${answer.status} ${answer.body}`);
    const message = JSON.parse(data);
    assert.equal(message.id, id);
    return { message, headers: answer.headers };
  }

  async function callTool(headers, meta) {
    const [id, fault] = [nextId(), pickFault()];
    const args = fault === undefined ? { id } : { id, fault };
    const params = { name: 'get-item', arguments: args, ...meta };
    const { result } = (await rpc('tools/call', params, headers, `get-item ${fault}`)).message;
    const said = `a tool call with fault ${fault}: ${JSON.stringify(result)?.slice(0, 300)}`;
    assert.equal(result?.isError === true, isFailure(fault), said);
    if (FAULTS[fault] !== undefined && FAULTS[fault] !== 200) return;
    assert.deepEqual(JSON.parse(result.content[0].text), itemOf(id));
  }

  async function inSession() {
    const session = sessions.pop() ?? (await openSession());
    await callTool(session.headers);
    session.left -= 1;
    if (session.left > 0) sessions.push(session);
    else {
      const { status } = await ask(mcp, { method: 'DELETE', headers: session.headers });
      assert.ok(status === 200 || status === 204, `DELETE of a session: ${status}`);
    }
  }

  async function openSession() {
    const clientInfo = { name: 'soak', version: '1' };
    const asked = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const { headers } = await rpc('initialize', asked, {});
    return {
      left: CALLS_OF_A_SESSION,
      headers: {
        'mcp-session-id': headers['mcp-session-id'],
        'mcp-protocol-version': '2025-11-25',
      },
    };
  }

  async function modern() {
    const _meta = { [`${META}/protocolVersion`]: REVISION, [`${META}/clientCapabilities`]: {} };
    const headers = {
      'mcp-protocol-version': REVISION,
      'mcp-method': 'tools/call',
      'mcp-name': 'get-item',
    };
    await callTool(headers, { _meta });
  }

  async function list() {
    const { message } = await rpc('tools/list', {}, {});
    assert.equal(message.result.tools.length, 2);
  }

  return {
    kinds: [
      { name: 'GET', weight: 40, run: read },
      { name: 'GET mapped', weight: 10, run: shorten },
      { name: 'GET of two steps', weight: 6, run: chain },
      { name: 'POST', weight: 10, run: add },
      { name: 'GET 1 MB', weight: 1, run: large },
      { name: 'mistakes', weight: 2, run: mistakes },
      { name: 'callers who leave', weight: 2, run: leave },
      { name: 'tools/call in sessions', weight: 10, run: inSession },
      { name: 'tools/call without', weight: 8, run: () => callTool({}) },
      { name: 'tools/call of 2026-07-28', weight: 8, run: modern },
      { name: 'tools/list', weight: 3, run: list },
    ],
    close: () => agent.destroy(),
  };
}

/** `status` is `left` where the caller hung up by itself. */
function exchange(url, { agent, method = 'GET', headers = {}, body, leaveAfter }) {
  return new Promise((resolve, reject) => {
    let timer;
    const request = http.request(url, { agent, method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, headers: response.headers, body: text });
      });
    });
    request.on('error', (error) =>
      leaveAfter !== undefined && error.code === 'ECONNRESET'
        ? resolve({ status: 'left', headers: {}, body: '' })
        : reject(error),
    );
    if (leaveAfter !== undefined) timer = setTimeout(() => request.destroy(), leaveAfter);
    request.end(body);
  });
}
