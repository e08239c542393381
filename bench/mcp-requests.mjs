// The requests of both eras of MCP, as the load sends them.
const VERSION = '2025-11-25';
const STATELESS = '2026-07-28';
const CLAIM = {
  'io.modelcontextprotocol/protocolVersion': STATELESS,
  'io.modelcontextprotocol/clientCapabilities': {},
};
/** The load counts on from here. */
const ID = 1_000_000_000;
const ACCEPT = 'application/json, text/event-stream';

export const CALL = { method: 'tools/call', params: { name: 'get-item', arguments: { id: '42' } } };
export const LIST = { method: 'tools/list' };

/** A request of the era with a handshake, without one: what stateless servers take. */
export const bare = (message) => async (server) => ({
  url: endpointOf(server),
  method: 'POST',
  headers: { 'mcp-protocol-version': VERSION },
  body: JSON.stringify({ jsonrpc: '2.0', id: ID, ...message }),
  counter: String(ID),
});

/** The same in a session that is opened first. */
export const inSession = (message) => async (server) => {
  const request = await bare(message)(server);
  const params = {
    protocolVersion: VERSION,
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  };
  const opened = await post(request, { id: 0, method: 'initialize', params });
  const session = opened.headers.get('mcp-session-id');
  if (session !== null) request.headers['mcp-session-id'] = session;
  await post(request, { method: 'notifications/initialized' });
  return request;
};

/** A request of the era without a handshake. */
export const modern =
  ({ method, params = {} }) =>
  async (server) => ({
    url: endpointOf(server),
    method: 'POST',
    headers: {
      'mcp-protocol-version': STATELESS,
      'mcp-method': method,
      ...(params.name ? { 'mcp-name': params.name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: ID,
      method,
      params: { ...params, _meta: CLAIM },
    }),
    counter: String(ID),
  });

/** The JSON of the answer to a request. */
export async function answerOf({ url, method, headers, body }) {
  const response = await fetch(url, {
    method,
    headers: { accept: ACCEPT, 'content-type': 'application/json', ...headers },
    body,
  });
  return response.json();
}

const endpointOf = ({ mcp, origin }) => mcp ?? `${origin}/mcp`;

async function post({ url, headers }, message) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: ACCEPT, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  await response.text();
  return response;
}
