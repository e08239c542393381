/** A capability of operations that differ in where inputs go and how answers are made. */
const input = (name: string, type: string, more: object = {}): object => ({ name, type, ...more });

const all = [
  input('id', 'string'),
  input('count', 'integer', { required: false }),
  input('ratio', 'number', { required: false }),
  input('flag', 'boolean', { required: false }),
  input('note', 'string', { required: false }),
  input('tags', 'array', { required: false, items: { type: 'string' } }),
  input('numbers', 'array', { required: false, items: { type: 'number' } }),
  input('open', 'array', { required: false }),
  input('more', 'object', { required: false }),
  input('kind', 'string', { required: false, enum: ['a', 'b c', '7'], default: 'a' }),
];

const names = all.map((each) => (each as { name: string }).name);
const template = (name: string): string => `{{${name}}}`;

/** Consumed operations by name: their method and path, and what else they say. */
const CONSUMED: Readonly<Record<string, object>> = {
  places: {
    path: '/places/{id}',
    inputParameters: [
      input('id', 'string', { in: 'path' }),
      input('count', 'integer', { in: 'query' }),
      input('ratio', 'number', { in: 'header' }),
      input('flag', 'boolean', { in: 'cookie' }),
      input('note', 'string', { in: 'header' }),
      input('tags', 'array', { in: 'query' }),
      input('numbers', 'array', { in: 'query', style: 'pipeDelimited' }),
      input('open', 'array', { in: 'header' }),
      input('more', 'object', { in: 'query', style: 'deepObject' }),
      input('kind', 'string', { in: 'cookie' }),
    ],
  },
  fields: {
    path: '/fields',
    inputParameters: names.map((name) => ({
      ...(all.find((each) => 'name' in each && each.name === name) as object),
      in: 'body',
    })),
  },
  json: {
    path: '/json',
    body: {
      type: 'json',
      data: {
        text: 'a {{id}}',
        ...Object.fromEntries(names.map((name) => [name, template(name)])),
        list: [template('count'), template('more')],
      },
    },
  },
  jsonText: {
    path: '/json-text',
    body: `{"id": "{{id}}", "at": {{id}}, ${names
      .slice(1)
      .map((name) => `"${name}": ${template(name)}`)
      .join(', ')}}`,
  },
  text: { path: '/text', body: { type: 'text', data: names.map(template).join(' | ') } },
  xml: {
    path: '/xml',
    outputRawFormat: 'xml',
    body: {
      type: 'xml',
      data: `<a id="{{id}}">${names.map((name) => `<${name}>${template(name)}</${name}>`).join('')}</a>`,
    },
  },
  form: {
    path: '/form',
    body: {
      type: 'formUrlEncoded',
      data: Object.fromEntries(names.map((name) => [name, template(name)])),
    },
  },
  multipart: {
    path: '/multipart',
    body: { type: 'multipartForm', data: names.map((name) => ({ name, value: template(name) })) },
  },
};

const calls = Object.keys(CONSUMED).map((name) => ({
  name,
  description: name,
  inputParameters: all,
  call: `api.${name}`,
  with: Object.fromEntries(names.map((each) => [each, `tools.${each}`])),
}));

const shaped = [
  {
    type: 'object',
    properties: {
      text: { type: 'string', mapping: '$.text' },
      count: { type: 'integer', mapping: '$.count' },
      ratio: { type: 'number', mapping: '$.deep.ratio' },
      flag: { type: 'boolean', mapping: '$.flag' },
      list: {
        type: 'array',
        mapping: '$.list',
        items: { type: 'object', properties: { name: { type: 'string', mapping: '$.text' } } },
      },
      fixed: { type: 'string', const: 'x' },
    },
  },
];

const whole = (name: string, parameters: readonly object[]): object => ({
  name,
  path: `/${name}`,
  operations: [{ name, method: 'POST', inputParameters: parameters }],
});

const wholes = {
  anything: [input('body', 'string', { in: 'body' })],
  object: [input('body', 'object', { in: 'body', required: true })],
  list: [input('body', 'array', { in: 'body' })],
  realText: [input('body', 'string', { in: 'body', maxLength: 200 })],
  plain: [
    input('body', 'string', { in: 'body' }),
    input('Content-Type', 'string', { in: 'header', value: 'text/plain' }),
  ],
  typed: [
    input('body', 'object', { in: 'body' }),
    input('Content-Type', 'string', { in: 'header' }),
  ],
  typedText: [
    input('body', 'string', { in: 'body' }),
    input('Content-Type', 'string', { in: 'header' }),
  ],
};

const consumes = {
  type: 'http',
  namespace: 'api',
  baseUri: 'https://api.example.com',
  resources: [
    ...Object.entries(CONSUMED).map(
      ([name, { path, ...operation }]: [string, object & { path?: string }]) => ({
        path,
        operations: [{ name, method: 'POST', ...operation }],
      }),
    ),
    ...Object.entries(wholes).map(([name, parameters]) => whole(name, parameters)),
    {
      path: '/read/{id}',
      operations: [
        { name: 'read', method: 'GET' },
        { name: 'look', method: 'HEAD' },
      ],
    },
    { path: '/mixed/{a}.{b}', operations: [{ name: 'mixed', method: 'GET' }] },
    ...['csv', 'yaml', 'text', 'binary'].map((format) => ({
      path: `/as-${format}`,
      operations: [{ name: `as-${format}`, method: 'GET', outputRawFormat: format }],
    })),
  ],
};

const tools = [
  ...calls,
  ...Object.keys(wholes).map((name) => ({ name, description: name, call: `api.${name}` })),
  { name: 'read', description: 'read', call: 'api.read' },
  { name: 'look', description: 'look', call: 'api.look' },
  { name: 'mixed', description: 'mixed', call: 'api.mixed' },
  { name: 'shaped', description: 'shaped', call: 'api.read', outputParameters: shaped },
  {
    name: 'part',
    description: 'part',
    call: 'api.read',
    outputParameters: [{ type: 'number', mapping: '$.count' }],
  },
  ...['csv', 'yaml', 'text', 'binary'].flatMap((format) => [
    { name: `as-${format}`, description: format, call: `api.as-${format}` },
    ...(format === 'binary'
      ? []
      : [
          {
            name: `${format}-value`,
            description: format,
            call: `api.as-${format}`,
            outputParameters: [{ type: 'any', mapping: '$.' }],
          },
        ]),
  ]),
  {
    name: 'steps',
    description: 'steps',
    inputParameters: [input('id', 'string'), input('count', 'integer', { required: false })],
    steps: [
      { name: 'first', type: 'call', call: 'api.read', with: { id: '{{id}}' } },
      {
        name: 'second',
        type: 'call',
        call: 'api.fields',
        with: { id: '{{id}}', count: '{{count}}', more: '$.first.deep', kind: '$.first.text' },
      },
      {
        name: 'found',
        type: 'lookup',
        index: 'second',
        match: 'name',
        lookupValue: '$.first.text',
        outputParameters: ['count', 'text'],
      },
    ],
    mappings: [
      { targetName: 'text', value: '$.first.text' },
      { targetName: 'found', value: '$.found' },
    ],
    outputParameters: [
      { name: 'text', type: 'string' },
      {
        name: 'found',
        type: 'array',
        items: [
          { name: 'count', type: 'integer' },
          { name: 'text', type: 'string' },
        ],
      },
    ],
  },
  {
    name: 'mocked',
    description: 'mocked',
    inputParameters: [input('id', 'string'), input('count', 'integer', { required: false })],
    outputParameters: [
      { name: 'text', type: 'string', value: 'a {{id}} b' },
      { name: 'count', type: 'integer', value: '{{count}}' },
      { name: 'fixed', type: 'boolean', value: true },
    ],
  },
];

export const KINDS = JSON.stringify({
  naftiko: '1.0.0-alpha2',
  info: { label: 'Kinds', description: 'Operations of every kind' },
  capability: {
    consumes: [consumes],
    exposes: [{ type: 'mcp', namespace: 'kinds', port: 9090, transport: 'http', tools }],
  },
});
