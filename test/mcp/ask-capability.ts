import type { Script } from '../support/upstream.ts';

/** An API that counts what it is asked to change. */
export const SHOP: Script = {
  'POST /holds': { status: 201, body: { id: 'H1', item: 'lamp' } },
  'POST /orders': { status: 201, body: { id: 'O1' } },
  'DELETE /holds': { status: 204 },
  'GET /prices': { body: { lamp: 12 } },
  'POST /picture': {
    headers: { 'content-type': 'image/png' },
    body: Buffer.from([0x89, 0x50, 0xff, 0x00]),
  },
};

const NAME = {
  type: 'object',
  properties: { name: { type: 'string', minLength: 2 } },
  required: ['name'],
};

const form = (name: string, message: string, more: object = {}): object => ({
  name,
  type: 'elicit',
  message,
  schema: NAME,
  ...more,
});

const mapped = (...names: readonly string[]): object[] =>
  names.map((path) => ({ targetName: path.replaceAll('.', '-'), value: `$.${path}` }));

const TOOLS = [
  {
    name: 'greet',
    steps: [form('user', 'Who are you?')],
    mappings: mapped('user.name'),
  },
  {
    name: 'order',
    inputParameters: [{ name: 'item', type: 'string', required: true }],
    steps: [
      { name: 'hold', type: 'call', call: 'shop.hold', with: { item: '{{item}}' } },
      { name: 'release', type: 'call', call: 'shop.release' },
      form('buyer', 'Hold {{hold.id}} for {{item}} stands. Who are you?'),
      form('to', 'Where to, {{buyer.name}}?'),
      { name: 'order', type: 'call', call: 'shop.order', with: { who: '{{buyer.name}}' } },
    ],
    mappings: mapped('hold.id', 'order.id', 'buyer.name', 'to.name'),
  },
  {
    name: 'at-once',
    steps: [
      { name: 'prices', type: 'call', call: 'shop.prices' },
      form('user', 'Who are you?'),
      {
        name: 'word',
        type: 'sample',
        systemPrompt: 'Be short.',
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hi' },
          { role: 'user', content: 'A word for {{prices.lamp}}?' },
        ],
        maxTokens: 5,
        temperature: 0.5,
        stopSequences: ['.'],
        modelPreferences: { hints: [{ name: 'small' }], speedPriority: 1 },
      },
      { name: 'places', type: 'roots' },
    ],
    mappings: mapped('user.name', 'word.text', 'word.model', 'places', 'prices.lamp'),
  },
  {
    name: 'perhaps',
    steps: [
      form('user', 'Who are you?', { optional: true }),
      { name: 'word', type: 'sample', prompt: 'A word?', optional: true },
    ],
    mappings: mapped('user', 'word'),
  },
  {
    name: 'page',
    inputParameters: [{ name: 'id', type: 'string', required: true }],
    steps: [
      {
        name: 'paid',
        type: 'elicit',
        message: 'Please pay.',
        url: 'https://pay.example.com/start?for={{id}}',
      },
    ],
    mappings: mapped('paid.accepted'),
  },
  {
    name: 'picture',
    steps: [
      { name: 'picture', type: 'call', call: 'shop.picture' },
      form('user', 'Whom is it for?'),
    ],
    content: [
      { type: 'image', from: 'picture' },
      { type: 'text', text: 'For {{user.name}}.' },
    ],
  },
  {
    name: 'agree',
    steps: [
      { name: 'sure', type: 'elicit', message: 'Sure?' },
      { name: 'order', type: 'call', call: 'shop.order', with: { who: 'me' } },
    ],
    mappings: mapped('order.id', 'sure.accepted'),
  },
];

const PROMPTS = [
  {
    name: 'letter',
    arguments: [{ name: 'topic' }],
    steps: [
      form('user', 'Who writes about {{topic}}?'),
      { name: 'prices', type: 'call', call: 'shop.prices' },
    ],
    template: [
      { role: 'user', content: '{{user.name}} on {{topic}}: {{prices.lamp}} of {{prices}}' },
    ],
  },
  {
    name: 'priced',
    call: 'shop.prices',
    template: [{ role: 'user', content: 'A lamp costs {{prices.lamp}}.' }],
  },
];

const operation = (method: string, path: string, name: string, body?: string): object => ({
  path,
  operations: [
    {
      name,
      method,
      ...(name === 'picture' ? { outputRawFormat: 'binary' } : {}),
      ...(body === undefined ? {} : { inputParameters: [{ name: body, in: 'body' }] }),
    },
  ],
});

export const ASKING = JSON.stringify({
  naftiko: '1.0.0-alpha2',
  info: { label: 'Asking' },
  capability: {
    consumes: [
      {
        type: 'http',
        namespace: 'shop',
        baseUri: 'http://upstream.invalid',
        resources: [
          operation('POST', '/holds', 'hold', 'item'),
          operation('DELETE', '/holds', 'release'),
          operation('POST', '/orders', 'order', 'who'),
          operation('GET', '/prices', 'prices'),
          operation('POST', '/picture', 'picture'),
        ],
      },
    ],
    exposes: [{ type: 'mcp', namespace: 'asking', port: 9090, tools: TOOLS, prompts: PROMPTS }],
  },
});
