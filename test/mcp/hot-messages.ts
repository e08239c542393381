import { initialize, rpc } from '../support/agent.ts';
import { CLAIM, modern, modernHeaders } from '../support/newer-agent.ts';
import { NAMES } from './hot-tools.ts';

/** One POST: `session` stands for the id of a session that is open. */
export interface Sent {
  readonly what: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly session?: boolean;
  /** Whether it has to be answered without the SDKs; either may be right when absent. */
  readonly hot?: boolean;
}

const BOTH = { accept: 'application/json, text/event-stream' };
const call = (name: string, args?: unknown, id: unknown = 7): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, ...(args === undefined ? {} : { arguments: args }) },
});
const modernCall = (name: string, args?: unknown): Sent => ({
  what: `modern call of ${name} with ${JSON.stringify(args)}`,
  body: modern('tools/call', { name, ...(args === undefined ? {} : { arguments: args }) }),
  headers: modernHeaders('tools/call', name),
});

/** The same message in a session for either kind of answer, without one, and in the era without any. */
function everyWay(name: string, args?: unknown): Sent[] {
  const what = `call of ${name} with ${JSON.stringify(args)}`;
  const body = call(name, args);
  return [
    { what: `${what} in a session`, body, headers: BOTH, session: true },
    {
      what: `${what} in a session, JSON`,
      body,
      headers: { accept: 'application/json' },
      session: true,
    },
    { what: `${what} alone`, body, headers: {} },
    { what: `${what} alone, events`, body, headers: { accept: 'text/event-stream' } },
    modernCall(name, args),
  ];
}

const plainCalls = (): Sent[] =>
  NAMES.flatMap((name) => everyWay(name)).map((sent) => ({ ...sent, hot: true }));

const ARGUMENTS: readonly (readonly [tool: string, args: unknown])[] = [
  ['echo', { id: 7 }],
  ['echo', { id: 7, select: 'a', any: { deep: [1, null] }, size: 4 }],
  ['echo', { id: 7, $select: 'a' }],
  ['echo', { id: 7, select: null, any: null }],
  ['echo', {}],
  ['echo', undefined],
  ['echo', null],
  ['echo', []],
  ['echo', 'id'],
  ['echo', { id: 'seven' }],
  ['echo', { id: 7, select: 'a', $select: 'b' }],
  ['echo', { id: 7, idd: 8 }],
  ['echo', { id: 7, any: JSON.parse('['.repeat(210) + ']'.repeat(210)) }],
  ['echo', JSON.parse('{"id":7,"__proto__":{"a":1}}')],
  ['echo', { id: 7, any: 'Zoë \u2028 😀' }],
  ['chosen', { id: 1 }],
  ['chosen', { id: 1, fields: ['items[].name'] }],
  ['chosen', { fields: 'total,nope' }],
  ['chosen', { fields: 7 }],
  ['checked', { good: true }],
  ['checked', { good: false }],
  ['mirrored', { region: 'eu' }],
  ['scoped', {}],
  ['short', {}],
  ['counted', {}],
  ['renamed', {}],
  ['original name', {}],
  ['asks', {}],
  ['unknown', {}],
  ['', {}],
  ['objekt', {}],
];

const METAS: readonly unknown[] = [
  {},
  { traceparent: '00-1-2-03' },
  { progressToken: 'p' },
  { progressToken: 1.5 },
  { progressToken: null },
  { 'io.modelcontextprotocol/related-task': { taskId: 't' } },
  { 'io.modelcontextprotocol/related-task': 'no' },
  { 'io.modelcontextprotocol/logLevel': 'debug' },
  { 'io.modelcontextprotocol/clientCapabilities': {} },
  { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' },
  { 'io.modelcontextprotocol/protocolVersion': '2025-11-25' },
  { 'io.modelcontextprotocol/new': 1 },
  null,
  [],
  'text',
];

const IDS: readonly unknown[] = [
  0,
  -1,
  '',
  'c',
  'ü',
  '"',
  1.5,
  2 ** 53,
  1e300,
  null,
  true,
  {},
  undefined,
];

function shapes(): Sent[] {
  const name = 'object';
  const bodies: [string, unknown][] = [
    ...IDS.map((id): [string, unknown] => [`id ${String(id)}`, { ...call(name), id }]),
    ...METAS.map((_meta): [string, unknown] => [
      `_meta ${JSON.stringify(_meta)}`,
      rpc('tools/call', { name, _meta }),
    ]),
    ...METAS.map((_meta): [string, unknown] => [
      `_meta of a list ${JSON.stringify(_meta)}`,
      rpc('tools/list', { _meta }),
    ]),
    ['no version', { ...call(name), jsonrpc: undefined }],
    ['another version', { ...call(name), jsonrpc: '1.0' }],
    ['a member more', { ...call(name), extra: 1 }],
    ['a result too', { ...call(name), result: {} }],
    ['a param more', rpc('tools/call', { name, extra: 1 })],
    ['a task', rpc('tools/call', { name, task: { ttl: 1 } })],
    ['a state', rpc('tools/call', { name, requestState: 'x' })],
    ['answers', rpc('tools/call', { name, inputResponses: {} })],
    ['no name', rpc('tools/call', {})],
    ['a name that is none', rpc('tools/call', { name: 7 })],
    ['no params', rpc('tools/call')],
    ['params in a list', rpc('tools/call', [])],
    ['no params but null', rpc('tools/call', null)],
    ['a method in capitals', rpc('Tools/Call', { name })],
    ['a method of objects', rpc('constructor', {})],
    ['a notification', { jsonrpc: '2.0', method: 'tools/call', params: { name } }],
    ['an answer', { jsonrpc: '2.0', id: 7, result: {} }],
    ['a batch', [call(name), call('list', undefined, 8)]],
    ['a batch of none', []],
    ['a batch of one', [call(name)]],
    ['ping', rpc('ping')],
    ['ping with params', rpc('ping', {})],
    ['ping with more', rpc('ping', { a: 1 })],
    ['prompts', rpc('prompts/list')],
    ['unknown method', rpc('nope')],
    ['discover', rpc('server/discover')],
    ['not JSON', '{"jsonrpc":'],
    ['nothing', ''],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a mark first', Buffer.from(`\ufeff${JSON.stringify(call(name))}`)],
    ['null', 'null'],
    ['a text', '"hello"'],
    ['a long name', call('x'.repeat(9_000))],
    ['a long id', { ...call(name), id: 'x'.repeat(9_000) }],
    [
      'a deep param',
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":${'['.repeat(2_000)}${']'.repeat(2_000)}}}`,
    ],
    ...['', 'nope', 7, null, [], Buffer.from('tools/list\nplain').toString('base64url')].map(
      (cursor): [string, unknown] => [
        `cursor ${JSON.stringify(cursor)}`,
        rpc('tools/list', { cursor }),
      ],
    ),
    ['list', rpc('tools/list')],
  ];
  return bodies.flatMap(([what, body]) => [
    { what: `${what} in a session`, body, headers: BOTH, session: true },
    { what: `${what} alone`, body, headers: {} },
  ]);
}

function heads(): Sent[] {
  const body = call('object');
  const variants: Readonly<Record<string, string | null>>[] = [
    { accept: null },
    { accept: '*/*' },
    { accept: 'TEXT/EVENT-STREAM' },
    { accept: 'text/html' },
    { accept: 'application/json;q=0.5, text/event-stream;q=1' },
    { 'content-type': null },
    { 'content-type': 'application/json; charset=utf-8' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': 'text/plain' },
    { 'content-encoding': 'gzip' },
    { 'content-encoding': 'identity' },
    ...['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07', '2026-07-28'].map(
      (version) => ({ 'mcp-protocol-version': version }),
    ),
    ...['', '2025-01-01', '2027-01-01', 'x'].map((version) => ({
      'mcp-protocol-version': version,
    })),
  ];
  return [
    ...variants.flatMap((headers) => {
      const what = JSON.stringify(headers);
      return [
        { what: `${what} in a session`, body, headers: { ...BOTH, ...headers }, session: true },
        { what: `${what} alone`, body, headers },
        { what: `${what} for a list`, body: rpc('tools/list'), headers },
      ];
    }),
    { what: 'no such session', body, headers: { ...BOTH, 'mcp-session-id': 'nope' } },
    { what: 'an empty session', body, headers: { ...BOTH, 'mcp-session-id': '' } },
    { what: 'another handshake', body: initialize(), headers: BOTH, session: true },
  ];
}

function modernOnes(): Sent[] {
  const good = modernCall('object');
  const list = {
    what: 'modern list',
    body: modern('tools/list'),
    headers: modernHeaders('tools/list'),
  };
  const head = (headers: Readonly<Record<string, string | null>>): Sent => ({
    ...good,
    what: `modern ${JSON.stringify(headers)}`,
    headers: { ...good.headers, ...headers },
  });
  const claiming = (claim: object, params: object = {}): Sent => ({
    ...good,
    what: `modern with ${JSON.stringify(claim)} ${JSON.stringify(params)}`,
    body: modern('tools/call', { name: 'object', ...params }, 7, claim),
  });
  const capable = (capabilities: unknown): Sent =>
    claiming({ 'io.modelcontextprotocol/clientCapabilities': capabilities });
  const client = (info: unknown): Sent => claiming({ 'io.modelcontextprotocol/clientInfo': info });
  return [
    { ...list, hot: true },
    { ...list, what: 'modern page', body: modern('tools/list', { cursor: 'nope' }) },
    { what: 'modern ping', body: modern('ping'), headers: modernHeaders('ping') },
    {
      what: 'discover',
      body: modern('server/discover'),
      headers: modernHeaders('server/discover'),
    },
    head({ 'mcp-method': null }),
    head({ 'mcp-method': 'tools/list' }),
    head({ 'mcp-method': 'tools/call ' }),
    head({ 'mcp-name': null }),
    head({ 'mcp-name': 'list' }),
    head({ 'mcp-name': ' object ' }),
    head({ 'mcp-name': '=?base64?b2JqZWN0?=' }),
    head({ 'mcp-name': '=?base64?nope?=' }),
    head({ 'mcp-protocol-version': null }),
    head({ 'mcp-protocol-version': '2025-11-25' }),
    head({ 'mcp-session-id': 'nope' }),
    head({ accept: 'application/json' }),
    head({ accept: 'text/event-stream' }),
    claiming({ 'io.modelcontextprotocol/logLevel': 'debug' }),
    claiming({ 'io.modelcontextprotocol/logLevel': 'loud' }),
    claiming({ progressToken: 1 }),
    claiming({ progressToken: {} }),
    claiming({ 'io.modelcontextprotocol/protocolVersion': '2025-11-25' }),
    claiming({ 'io.modelcontextprotocol/protocolVersion': 7 }),
    claiming({ traceparent: '00' }),
    claiming({}, { requestState: 'x' }),
    claiming({}, { inputResponses: { a: {} } }),
    ...[
      {},
      { elicitation: {} },
      { elicitation: { form: {}, url: {} } },
      { elicitation: 'yes' },
      { sampling: {}, roots: { listChanged: true } },
      { sampling: { tools: {}, context: {} } },
      { sampling: { tools: 1 } },
      { roots: { listChanged: 'yes' } },
      { roots: [] },
      { experimental: { x: {} } },
      { extensions: { x: 1 } },
      { tasks: {} },
      { constructor: {} },
      null,
      [],
      'all',
    ].map(capable),
    ...[
      { name: 'a', version: '1' },
      { name: 'a', version: '1', title: 'A', websiteUrl: 'https://a.example' },
      { name: 'a' },
      { name: 7, version: '1' },
      { name: 'a', version: '1', icons: [{ src: 'a' }] },
      { name: 'a', version: '1', more: 1 },
      null,
    ].map(client),
    {
      ...modernCall('mirrored', { region: 'eu' }),
      headers: { ...modernHeaders('tools/call', 'mirrored'), 'mcp-param-region': 'eu' },
      hot: true,
    },
    {
      ...modernCall('mirrored', { region: 'eu' }),
      headers: { ...modernHeaders('tools/call', 'mirrored'), 'mcp-param-region': 'us' },
    },
    { ...good, what: 'modern batch', body: [good.body] },
    {
      ...good,
      what: 'claim without version',
      body: rpc('tools/call', {
        name: 'object',
        _meta: { 'io.modelcontextprotocol/clientCapabilities': CLAIM },
      }),
    },
  ];
}

export const messages = (): readonly Sent[] => [
  ...plainCalls(),
  ...ARGUMENTS.flatMap(([name, args]) => everyWay(name, args)),
  ...shapes(),
  ...heads(),
  ...modernOnes(),
];
