import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { connectAgent } from './support/agent.ts';
import { startGateway } from './support/gateway.ts';
import { jsonBody, send } from './support/http.ts';
import { type RecordedRequest, startUpstream } from './support/upstream.ts';

const SECRET = 's3cr3t-of-the-upstream';

const VECTORS: readonly string[] = [
  // Paths
  '../',
  '../../admin',
  '..',
  '.',
  '%2e%2e',
  '%2e%2e%2f',
  '..%2fadmin',
  '..\\admin',
  '/',
  '//evil.example',
  '/admin',
  'a/b',
  'a//b',
  '%2f',
  '%5c',
  '%252e%252e',
  ';a=b',
  'a;/../b',
  '/./',
  '%00',
  // Queries, fragments, addresses
  '?',
  '?admin=1',
  '#',
  '#admin',
  'a#b?c',
  '&admin=true',
  'a&v=b',
  'v=2',
  '=',
  'a+b c',
  '%26admin%3d1',
  'http://evil.example/',
  '@evil.example',
  'a@b:80',
  '\\\\evil',
  ':8080',
  // Headers and lines
  '\r\nx-evil: 1',
  '\nx-evil: 1',
  '\r\n\r\nGET /admin HTTP/1.1',
  '%0d%0ax-evil: 1',
  '\u2028x',
  '\u0085',
  '\0',
  'a\tb',
  'a; admin=1',
  'a, b',
  '\u010d\u010a',
  // Templates
  '{{TOKEN}}',
  '{{{TOKEN}}}',
  '{{env.TOKEN}}',
  '{{#v}}x{{/v}}',
  '{{> x}}',
  '{v}',
  '{{',
  '}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a spelling that others fill in
  '${TOKEN}',
  '$env.TOKEN',
  '$.v',
  'web.v',
  '<%= TOKEN %>',
  '{% raw %}',
  '#{TOKEN}',
  // JSON
  '"',
  '\\',
  '","admin":true,"x":"',
  '"}',
  '{"$ref":"#/"}',
  '\\u0022',
  '[]',
  '{}',
  'null',
  'true',
  '__proto__',
  'constructor',
  'prototype',
  '{"__proto__":{"admin":true}}',
  // XML
  '<',
  '&',
  '<admin/>',
  '</v><admin>',
  '&lt;',
  '&xxe;',
  ']]>',
  '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
  '<![CDATA[x]]>',
  '<!--',
  '-->',
  '<?x?>',
  "' or '1'='1",
  '" onload="x',
  // SPARQL, forms, multipart
  '} ; DROP ALL ; {',
  '> . ?s ?p ?o . <',
  '" . ?s ?p "',
  "'''",
  '"""',
  '# comment',
  '------form-',
  '--boundary--',
  'a\r\n--x\r\ncontent-disposition: form-data; name="admin"\r\n\r\n1',
  // Numbers and encodings
  '1e400',
  '-0',
  '9'.repeat(400),
  '0x10',
  'NaN',
  '日本語',
  '\u{1f600}',
  '\u202egpj',
  'x'.repeat(3000),
  ' ',
  '  a  ',
  '',
];

test('there are many different vectors', () => {
  assert.ok(new Set(VECTORS).size >= 60);
  assert.equal(new Set(VECTORS).size, VECTORS.length);
});

/** What reads the value out of a request again, where it went. */
interface Place {
  readonly path?: string;
  readonly operation?: object;
  /** Throws for a request that is more than the declared one with the value in its place. */
  readonly read: (request: RecordedRequest) => string;
  /** Values that have no place there. */
  readonly refuses?: RegExp;
}

const post = (body: unknown, more: object = {}): object => ({ body, ...more });
const parameter = (name: string, place: string, value?: string): object => ({
  inputParameters: [{ name, in: place, ...(value === undefined ? {} : { value }) }],
});

function only(pairs: Iterable<[string, string]>, names: readonly string[]): string {
  const all = [...pairs];
  assert.deepEqual(
    all.map(([name]) => name),
    names,
  );
  return (all.find(([name]) => name === 'v') as [string, string])[1];
}

const xmlText = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(
      /&(lt|gt|quot|apos);/g,
      (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'" })[name] as string,
    )
    .replaceAll('&amp;', '&');

function matched(text: string, pattern: RegExp): string {
  const match = pattern.exec(text);
  assert.ok(match !== null, text);
  const [first, ...others] = match.slice(1);
  for (const other of others) assert.equal(other, first);
  return first as string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header may not hold
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;
const latin = (text: unknown): string => Buffer.from(String(text), 'latin1').toString('utf8');

const PLACES: Readonly<Record<string, Place>> = {
  path: {
    path: '/items/{v}/end',
    read({ url }) {
      const parts = url.split('/');
      assert.deepEqual(
        [parts.length, parts[1], parts[2], parts[4]],
        [5, 'base', 'items', 'end'],
        url,
      );
      assert.ok(!/[?#\\;]/.test(url), url);
      return decodeURIComponent(parts[3] as string);
    },
    refuses: /^\.{0,2}$|\0/,
  },
  query: {
    path: '/items?fixed=1',
    operation: parameter('v', 'query'),
    read({ url }) {
      const [path, query, ...rest] = url.split('?');
      assert.deepEqual([path, rest.length], ['/base/items', 0], url);
      return only(new URLSearchParams(query), ['fixed', 'v']);
    },
  },
  queryTemplate: {
    operation: parameter('q', 'query', 'a-{{v}}-b'),
    read({ url }) {
      const query = [...new URL(url, 'http://x').searchParams];
      assert.deepEqual(
        query.map(([name]) => name),
        ['q'],
      );
      return matched(query[0]?.[1] as string, /^a-(.*)-b$/s);
    },
  },
  header: {
    operation: parameter('v', 'header'),
    read: ({ headers }) => latin(headers.v ?? ''),
    refuses: CONTROL,
  },
  headerTemplate: {
    operation: parameter('X-T', 'header', 'a-{{v}}-b'),
    read: ({ headers }) => matched(latin(headers['x-t']), /^a-(.*)-b$/s),
    refuses: CONTROL,
  },
  cookie: {
    operation: parameter('v', 'cookie'),
    read: ({ headers }) => decodeURIComponent(matched(String(headers.cookie), /^v=([^;\s,"\\]*)$/)),
  },
  jsonText: {
    operation: post('{"n": 1, "v": "{{v}}", "raw": {{v}}, "mixed": "<{{v}}>"}'),
    read({ body }) {
      const { n, v, raw, mixed, ...rest } = JSON.parse(body) as Record<string, string>;
      assert.deepEqual([n, raw, mixed, rest], [1, v, `<${v}>`, {}]);
      return v as string;
    },
  },
  jsonData: {
    operation: post({ type: 'json', data: { v: '{{v}}', list: ['{{v}}', 'x{{v}}'] } }),
    read({ body }) {
      const { v, list, ...rest } = JSON.parse(body) as { v: string; list: string[] };
      assert.deepEqual([list, rest], [[v, `x${v}`], {}]);
      return v;
    },
  },
  jsonParameters: {
    operation: {
      inputParameters: [
        { name: 'v', in: 'body' },
        { name: 'fixed', in: 'body', value: 'x' },
      ],
    },
    read({ body }) {
      const { v, fixed, ...rest } = JSON.parse(body) as Record<string, string>;
      assert.deepEqual([fixed, rest], ['x', {}]);
      return v as string;
    },
  },
  xml: {
    operation: post({
      type: 'xml',
      data: '<r a="{{v}}" b=\'{{v}}\'>{{v}}<c><![CDATA[{{v}}]]></c></r>',
    }),
    read({ body }) {
      const pattern =
        /^<r a="([^"<>]*)" b='([^'<>]*)'>([^<>]*)<c><!\[CDATA\[\]\]>([^<>]*)<!\[CDATA\[\]\]><\/c><\/r>$/;
      const match = pattern.exec(body);
      assert.ok(match !== null, body);
      const texts = new Set(match.slice(1).map(xmlText));
      assert.equal(texts.size, 1);
      return [...texts][0] as string;
    },
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
    refuses: /[\0-\x08\x0b\x0c\x0e-\x1f]/,
  },
  text: {
    operation: post({ type: 'text', data: 'Dear {{v}}.' }),
    read: ({ body }) => matched(body, /^Dear (.*)\.$/s),
  },
  sparql: {
    operation: post({ type: 'sparql', data: 'ASK { <http://x/{{v}}> ?p "{{v}}" , {{v}} }' }),
    read({ body }) {
      const literal = '"((?:[^"\\\\\\n\\r]|\\\\["\'\\\\nrt])*)"';
      const pattern = new RegExp(
        `^ASK { <http://x/[^<>"{}|^\`\\\\\\s]*> \\?p ${literal} , ${literal} }$`,
      );
      const escaped = matched(body, pattern);
      const characters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
      return escaped.replace(/\\(.)/g, (_, found: string) => characters[found] ?? found);
    },
  },
  formData: {
    operation: post({ type: 'formUrlEncoded', data: { fixed: '1', v: '{{v}}' } }),
    read: ({ body }) => only(new URLSearchParams(body), ['fixed', 'v']),
  },
  formText: {
    operation: post({ type: 'formUrlEncoded', data: 'fixed=1&v={{v}}&end=2' }),
    read: ({ body }) => only(new URLSearchParams(body), ['fixed', 'v', 'end']),
  },
};

const MULTIPART = {
  operation: post({
    type: 'multipartForm',
    data: [
      { name: 'v', value: '{{v}}' },
      { name: 'file', value: '{{v}}', filename: '{{v}}.txt', contentType: 'text/plain' },
    ],
  }),
  async read({ bytes, headers }: RecordedRequest): Promise<string> {
    const type = headers['content-type'] as string;
    const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
    assert.deepEqual([...form.keys()], ['v', 'file']);
    assert.equal(await (form.get('file') as File).text(), form.get('v'));
    return form.get('v') as string;
  },
};

function document(origin: string): string {
  const places: [string, { readonly path?: string; readonly operation?: object }][] = [
    ...Object.entries(PLACES),
    ['multipart', MULTIPART],
  ];
  const exposed = (name: string, place: string) => ({
    call: `api.${name}`,
    inputParameters: [
      { name: 'v', type: 'string', required: true, ...(place === '' ? {} : { in: place }) },
    ],
    with: { v: `${place === '' ? 'tools' : 'web'}.v` },
  });
  return JSON.stringify({
    naftiko: '1.0.0-alpha2',
    binds: [{ namespace: 'env', keys: { TOKEN: 'TOKEN' } }],
    capability: {
      consumes: [
        {
          namespace: 'api',
          baseUri: `${origin}/base`,
          authentication: { type: 'bearer', token: '{{TOKEN}}' },
          resources: places.map(([name, { path = '/items', operation }]) => ({
            path,
            operations: [{ name, method: 'POST', ...operation }],
          })),
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: places.map(([name]) => ({
            path: `/${name}`,
            operations: [{ method: 'POST', ...exposed(name, 'body') }],
          })),
        },
        {
          type: 'mcp',
          namespace: 'tools',
          port: 9090,
          tools: places.map(([name]) => ({ name, description: name, ...exposed(name, '') })),
        },
      ],
    },
  });
}

test('no value leaves the place that the file gives it, on either face', async (t) => {
  const upstream = await startUpstream(t, (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"ok":true}');
  });
  const { rest, mcp } = await startGateway(t, document(upstream.origin), {
    environment: { TOKEN: SECRET },
  });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const client = await connectAgent(t, mcp);
  const faces = {
    async rest(name: string, v: string) {
      const { status, text } = await send(rest, `/${name}`, { ...jsonBody({ v }), agent });
      return { refused: status === 400, failed: status !== 200, text };
    },
    async mcp(name: string, v: string) {
      const result = await client.callTool({ name, arguments: { v } });
      return {
        refused: result.isError === true,
        failed: result.isError === true,
        text: JSON.stringify(result),
      };
    },
  };
  const names = new Map<string, string>();
  for (const [name, place] of [
    ...Object.entries<Place | typeof MULTIPART>(PLACES),
    ['multipart', MULTIPART] as const,
  ]) {
    const refuses = 'refuses' in place ? place.refuses : undefined;
    for (const vector of VECTORS) {
      for (const [face, call] of Object.entries(faces)) {
        const what = `${name} over ${face}: ${JSON.stringify(vector).slice(0, 80)}`;
        const before = upstream.requests.length;
        const { refused, failed, text } = await call(name, vector);
        assert.ok(!text.includes(SECRET), what);
        if (refuses?.test(vector)) {
          assert.ok(refused, what);
          assert.equal(upstream.requests.length, before, what);
          continue;
        }
        assert.ok(!failed, `${what}: ${text}`);
        assert.equal(upstream.requests.length, before + 1, what);
        const request = upstream.requests.at(-1) as RecordedRequest;
        assert.equal(request.method, 'POST', what);
        assert.ok(request.url.startsWith('/base/items'), what);
        const sent = await place.read(request);
        // A header's outer space is no part of its value (RFC 9110 section 5.5).
        assert.equal(
          sent,
          name === 'header' ? vector.replace(/^[ \t]+|[ \t]+$/g, '') : vector,
          what,
        );
        const own = Object.keys(request.headers).sort().join();
        assert.equal(own, names.get(name) ?? own, what);
        names.set(name, own);
        const { authorization, ...others } = request.headers;
        assert.equal(authorization, `Bearer ${SECRET}`, what);
        assert.ok(!JSON.stringify([request.url, others, request.body]).includes(SECRET), what);
      }
    }
  }
});
