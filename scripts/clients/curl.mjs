// Bare JSON-RPC with curl, or with fetch where there is no curl: no session, no handshake, in the
// words of either era.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { execute } from './cache.mjs';

const REVISION = '2026-07-28';
const META = 'io.modelcontextprotocol';
const NAMED = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };

const version = curlVersion();

export const curl = {
  name: version === undefined ? 'fetch' : 'curl',
  version: version ?? `Node ${process.versions.node}`,
  note: 'single requests, without a session',
  modes: [
    { way: 'bare', transport: 'HTTP', open: ({ url }) => session(url) },
    { way: 'stateless', transport: 'HTTP', open: ({ url }) => session(url, REVISION) },
  ],
};

function session(url, revision) {
  const call = async (method, params = {}) => {
    const headers = { accept: 'application/json, text/event-stream' };
    const message = { jsonrpc: '2.0', id: 1, method, params };
    if (revision !== undefined) {
      Object.assign(headers, { 'mcp-protocol-version': revision, 'mcp-method': method });
      if (method in NAMED) headers['mcp-name'] = params[NAMED[method]];
      message.params = {
        ...params,
        _meta: { [`${META}/protocolVersion`]: revision, [`${META}/clientCapabilities`]: {} },
      };
    }
    const { result, error } = await send('POST', url, headers, message);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return {
    revision: revision ?? 'none named',
    asks: [],
    send,
    listTools: async () => (await call('tools/list')).tools,
    callTool: (name, args) => call('tools/call', { name, arguments: args }),
    listResources: async () => (await call('resources/list')).resources,
    listTemplates: async () => (await call('resources/templates/list')).resourceTemplates,
    readResource: (uri) => call('resources/read', { uri }),
    listPrompts: async () => (await call('prompts/list')).prompts,
    getPrompt: (name, args) => call('prompts/get', { name, arguments: args }),
    complete: async (params) => (await call('completion/complete', params)).completion.values,
    close: async () => {},
  };
}

async function send(method, url, headers, value) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const all = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
  const text = await (version === undefined ? withFetch : withCurl)(method, url, all, body);
  return JSON.parse(lastEvent(text) ?? text);
}

/** A gateway may answer with a stream; what counts is its last event. */
function lastEvent(text) {
  if (text.startsWith('{')) return undefined;
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  return lines.at(-1)?.slice('data: '.length);
}

async function withCurl(method, url, headers, body) {
  const args = ['--silent', '--show-error', '--fail-with-body', '--max-time', '20'];
  args.push('--request', method, url);
  for (const [name, value] of Object.entries(headers)) args.push('--header', `${name}: ${value}`);
  if (body !== undefined) args.push('--data-binary', body);
  return (await execute('curl', args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

async function withFetch(method, url, headers, body) {
  const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(20_000) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${url}: ${answer.status} ${text}`);
  return text;
}

function curlVersion() {
  try {
    return /^curl (\S+)/.exec(execFileSync('curl', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}
