// REST and bare JSON-RPC with curl, or with fetch where there is no curl.
import assert from 'node:assert/strict';
import { execute } from './cache.mjs';
import { LOGIN, LOGOUT, resultValue } from './expected.mjs';

export async function curl({ rest, mcp }, { body, 'seon-fp': fingerprint }) {
  const version = await curlVersion();
  const send = version === undefined ? withFetch : withCurl;
  const call = async (method, params) => {
    const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return (await send('POST', mcp, MCP_HEADERS, message)).result;
  };
  const { tools } = await call('tools/list');
  const byTool = resultValue(
    await call('tools/call', { name: LOGIN, arguments: { body, 'seon-fp': fingerprint } }),
  );
  const headers = { 'content-type': 'application/json', 'seon-fp': fingerprint };
  const login = await send('POST', `${rest}/v1/v1/account/login`, headers, JSON.stringify(body));
  assert.deepEqual(login, byTool, 'REST and MCP give different answers');
  return {
    version: version ?? `absent, fetch of Node ${process.versions.node}`,
    tools: tools.map(({ name }) => name),
    login,
    logout: await send('DELETE', `${rest}/v1/v1/account/logout`, {}),
    note: `REST and MCP, ${LOGOUT} ${resultValue(await call('tools/call', { name: LOGOUT })).method}`,
  };
}

const MCP_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

async function curlVersion() {
  try {
    return /^curl (\S+)/.exec((await execute('curl', ['--version'])).stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function withCurl(method, url, headers, body) {
  const args = ['--silent', '--show-error', '--fail-with-body', '--max-time', '20'];
  args.push('--request', method, url);
  for (const [name, value] of Object.entries(headers)) args.push('--header', `${name}: ${value}`);
  if (body !== undefined) args.push('--data-binary', body);
  return JSON.parse((await execute('curl', args)).stdout);
}

async function withFetch(method, url, headers, body) {
  const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(20_000) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${url}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
