import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { capability } from '../support/capability.ts';
import { startGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { bounded, connectTo, converse, jsonBody, send } from '../support/http.ts';
import { type Closer, startUpstream, type TestUpstream } from '../support/upstream.ts';

const bodyParameter = { name: 'payload', in: 'body', type: 'string', required: true };

const operations = {
  whole: { route: 'POST /whole', parameters: [bodyParameter] },
  optional: { route: 'POST /optional', parameters: [{ ...bodyParameter, required: false }] },
  object: { route: 'POST /object', parameters: [{ ...bodyParameter, type: 'object' }] },
  typed: {
    route: 'POST /typed',
    parameters: [bodyParameter, { name: 'Content-Type', in: 'header', type: 'string' }],
  },
  encoded: {
    route: 'POST /encoded',
    parameters: [bodyParameter, { name: 'Content-Encoding', in: 'header', type: 'string' }],
  },
  fields: {
    route: 'POST /fields',
    parameters: [
      { name: 'name', in: 'body', type: 'string', required: true },
      { name: 'tags', in: 'body', type: 'array' },
      { name: 'size', in: 'body', type: 'integer' },
    ],
  },
  none: { route: 'POST /none' },
};

async function serve(t: Closer, options: TestGatewayOptions = {}) {
  const upstream = await startUpstream(t, (_request, response) => void response.end('{}'));
  const { rest } = await startGateway(t, capability({ operations, faces: ['rest'] }), {
    upstream: upstream.origin,
    ...options,
  });
  return { rest, upstream };
}

const last = (upstream: TestUpstream) => {
  const request = upstream.requests.at(-1);
  assert.ok(request);
  return request;
};

test('the bytes of a whole body go upstream unchanged', async (t) => {
  const { rest, upstream } = await serve(t);
  const texts = [
    '{ "big": 9007199254740993, "z": 1.0, "a":\n\t1e2, "é": "\\u00e9" }',
    '[1.10, -0, 1E400, {"b":1,"a":2,"b":3}]',
    '"just text"',
    '"123"',
    '12345678901234567890',
    'null',
    'false',
    ' {} ',
    '{"__proto__":{"x":1}}',
  ];
  for (const text of texts) {
    const answer = await send(rest, '/whole', jsonBody(text));
    assert.equal(answer.status, 200, `${text}: ${answer.text}`);
    assert.equal(last(upstream).body, text);
    assert.equal(last(upstream).headers['content-type'], 'application/json');
    assert.equal(last(upstream).headers['content-length'], String(Buffer.byteLength(text)));
  }
  const undeclared = await send(rest, '/whole', { method: 'POST', body: '{"a":1}' });
  assert.equal(undeclared.status, 200, 'no declared type is taken as JSON');
  for (const type of [
    'application/merge-patch+json',
    'text/json',
    'APPLICATION/JSON;CHARSET="UTF-8"',
  ]) {
    const headers = { 'content-type': type };
    const answer = await send(rest, '/whole', { method: 'POST', headers, body: '{"a":1}' });
    assert.equal(answer.status, 200, type);
  }
  const marked = await send(rest, '/whole', jsonBody('\ufeff{"a":1}'));
  assert.equal(marked.status, 200, 'a byte order mark is taken off');
  assert.equal(last(upstream).body, '{"a":1}');
  const object = await send(rest, '/object', jsonBody('{"n": 9007199254740993}'));
  assert.equal(object.status, 200);
  assert.equal(last(upstream).body, '{"n": 9007199254740993}');
});

test('text is taken as JSON text, else as a JSON string', async (t) => {
  const { rest, upstream } = await serve(t);
  const sendText = (body: string) =>
    send(rest, '/whole', { method: 'POST', headers: { 'content-type': 'text/plain' }, body });
  for (const [given, wanted] of [
    ['{"a": 1}', '{"a": 1}'],
    ['"123"', '"123"'],
    ['hello', '"hello"'],
    ['{broken', '"{broken"'],
  ] as const) {
    assert.equal((await sendText(given)).status, 200);
    assert.equal(last(upstream).body, wanted);
  }
});

test('fields of several body inputs are taken from one object', async (t) => {
  const { rest, upstream } = await serve(t);
  const ok = await send(
    rest,
    '/fields',
    jsonBody({ tags: [1, null], size: 9007199254740991, name: 'n', other: 'ignored' }),
  );
  assert.equal(ok.status, 200, ok.text);
  assert.deepEqual(JSON.parse(last(upstream).body), {
    name: 'n',
    tags: [1, null],
    size: 9007199254740991,
  });
  const empty = await send(rest, '/fields', { method: 'POST' });
  assert.equal(empty.status, 400);
  assert.match(empty.text, /name is required and was not given/);
  const nothing = await send(rest, '/fields', jsonBody('null'));
  assert.equal(nothing.status, 400);
  assert.match(nothing.text, /but the body is null/);
  const deep = `{"name":"n","tags":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const nested = await send(rest, '/fields', jsonBody(deep));
  assert.equal(nested.status, 400);
  assert.match(nested.text, /tags is nested deeper than 200 levels/);
});

test('a body that is not there', async (t) => {
  const { rest, upstream } = await serve(t);
  const required = await send(rest, '/whole', { method: 'POST' });
  assert.equal(required.status, 400);
  assert.match(required.text, /payload is required and was not given/);
  const optional = await send(rest, '/optional', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(optional.status, 200);
  assert.equal(last(upstream).body, '');
  assert.equal(last(upstream).headers['content-type'], undefined);
  const blank = await send(rest, '/whole', jsonBody('  \n '));
  assert.equal(blank.status, 400);
  assert.match(blank.text, /is not valid JSON: it ends at line 2, column 2/);
});

test('what is not JSON is told with its place and without its text', async (t) => {
  const { rest, upstream } = await serve(t);
  const cases: readonly (readonly [string, string])[] = [
    ['{"a":1,}', 'it goes wrong at line 1, column 8'],
    ['{"a": tru}', 'it goes wrong at line 1, column 10'],
    ['secret', 'it goes wrong at line 1, column 1'],
    ['{\n  "a": 01\n}', 'it goes wrong at line 2, column 9'],
    ['{"a": 1', 'it ends at line 1, column 8, before it is complete'],
    ['"secret', 'it ends at line 1, column 8, before it is complete'],
    ['{"a": "b\nc"}', 'it goes wrong at line 1, column 9'],
    ['[1] [2]', 'it goes wrong at line 1, column 5'],
    ["{'a': 1}", 'it goes wrong at line 1, column 2'],
    ['["\\x"]', 'it goes wrong at line 1, column 4'],
    ['{"a" 1}', 'it goes wrong at line 1, column 6'],
    ['[1.]', 'it goes wrong at line 1, column 4'],
    ['[NaN]', 'it goes wrong at line 1, column 2'],
    ['["☃☃", x]', 'it goes wrong at line 1, column 8'],
  ];
  for (const [text, place] of cases) {
    const answer = await send(rest, '/whole', jsonBody(text));
    assert.equal(answer.status, 400, text);
    assert.deepEqual(answer.json(), {
      type: 'urn:naftiko:problem:body-not-json',
      title: 'The request body is not valid JSON',
      status: 400,
      detail: `The request body is not valid JSON: ${place}.`,
      code: 'BODY_NOT_JSON',
    });
  }
  const bytes = await send(rest, '/whole', {
    ...jsonBody('x'),
    body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
  });
  assert.equal(bytes.status, 400);
  assert.match(bytes.text, /not valid UTF-8/);
  assert.equal(upstream.requests.length, 0);
});

test('another media type, charset or coding is refused with 415', async (t) => {
  const { rest, upstream } = await serve(t);
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ 'content-type': 'text/xml' }, /takes application\/json, not text\/xml/],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, /not application\/x-www-form/],
    [{ 'content-type': 'application/json; charset=utf-16' }, /sent as UTF-8, not utf-16/],
    [{ 'content-type': 'application/json;charset="latin1"' }, /sent as UTF-8, not latin1/],
    [
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      /content-encoding gzip is not taken/,
    ],
  ];
  for (const [headers, words] of cases) {
    const answer = await send(rest, '/whole', { method: 'POST', headers, body: '{}' });
    assert.equal(answer.status, 415, JSON.stringify(headers));
    assert.equal((answer.json() as { code: string }).code, 'MEDIA_TYPE_UNSUPPORTED');
    assert.match((answer.json() as { detail: string }).detail, words);
  }
  assert.equal(upstream.requests.length, 0);
});

test('a declared Content-Type passes other types as they are', async (t) => {
  const { rest, upstream } = await serve(t);
  const sendAs = (path: string, headers: Record<string, string>, body: string | Buffer) =>
    send(rest, path, { method: 'POST', headers, body });
  const xml = await sendAs('/typed', { 'content-type': 'text/xml; charset=latin1' }, '<a/>');
  assert.equal(xml.status, 200, xml.text);
  assert.equal(last(upstream).headers['content-type'], 'text/xml; charset=latin1');
  assert.equal(last(upstream).body, '<a/>');
  const bytes = Buffer.from([0, 255, 254, 10]);
  await sendAs('/typed', { 'content-type': 'application/octet-stream' }, bytes);
  assert.deepEqual(last(upstream).bytes, bytes);
  await sendAs('/typed', { 'content-type': 'application/vnd.x+json' }, '{"a": 1}');
  assert.equal(last(upstream).headers['content-type'], 'application/vnd.x+json');
  assert.equal(last(upstream).body, '{"a": 1}');
  const bad = await sendAs('/typed', { 'content-type': 'application/json' }, '{"a": ');
  assert.equal(bad.status, 400, 'JSON is still checked');
  const coded = gzipSync('{"a":1}');
  const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const encoded = await sendAs('/encoded', gzip, coded);
  assert.equal(encoded.status, 200, encoded.text);
  assert.deepEqual(last(upstream).bytes, coded);
  assert.equal(last(upstream).headers['content-encoding'], 'gzip');
  const sent = upstream.requests.length;
  assert.equal((await sendAs('/typed', gzip, coded)).status, 415, 'the coding is not declared');
  assert.equal((await sendAs('/encoded', { 'content-type': 'text/xml' }, '<a/>')).status, 415);
  assert.equal(upstream.requests.length, sent);
});

test('a body nobody asks for is no obstacle', async (t) => {
  const { rest, upstream } = await serve(t);
  const answer = await send(rest, '/none', { method: 'POST', body: 'anything' });
  assert.equal(answer.status, 200);
  assert.equal(last(upstream).body, '');
});

describe('a body over the limit', () => {
  const limit = 1_000;
  const tooLarge = {
    type: 'urn:naftiko:problem:body-too-large',
    title: 'The request body is larger than the limit',
    status: 413,
    detail:
      'The request body is larger than 1000 bytes. Send less, or raise the limit with --max-body.',
    code: 'BODY_TOO_LARGE',
  };

  test('announced', async (t) => {
    const { rest, upstream } = await serve(t, { maxBody: limit });
    const answer = await send(rest, '/whole', jsonBody(`"${'x'.repeat(limit)}"`));
    assert.equal(answer.status, 413);
    assert.deepEqual(answer.json(), tooLarge);
    assert.equal(answer.headers.connection, 'close');
    const just = await send(rest, '/whole', jsonBody(`"${'x'.repeat(limit - 2)}"`));
    assert.equal(just.status, 200);
    assert.equal(upstream.requests.length, 1);
  });

  test('a client that is still sending gets the answer, not a reset', bounded, async (t) => {
    const { rest } = await serve(t, { maxBody: limit });
    for (const announced of [true, false]) {
      const status = await new Promise((resolve, reject) => {
        const { hostname, port } = new URL(rest);
        const request = http.request({
          hostname,
          port,
          path: '/whole',
          method: 'POST',
          agent: false,
          headers: announced ? { 'content-length': 8_000_000 } : {},
        });
        // Sends all of it before it looks at the answer: a reset in between is an error.
        request.on('error', reject);
        let answered = 0;
        request.on('response', (response) => {
          answered = response.statusCode ?? 0;
          response.resume();
        });
        request.on('close', () => resolve(answered));
        const chunk = Buffer.alloc(80_000, 'x');
        let left = 100;
        const more = (): void => {
          while (left > 0) {
            left -= 1;
            if (!request.write(chunk)) return void request.once('drain', more);
          }
          request.end();
        };
        more();
      });
      assert.equal(status, 413, announced ? 'announced' : 'chunked');
    }
  });

  test('an endless body is cut off in the end', bounded, async (t) => {
    const { rest } = await serve(t, { maxBody: limit });
    const socket = connectTo(rest);
    t.after(() => socket.destroy());
    const { host } = new URL(rest);
    socket.write(
      `POST /whole HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let sent = 0;
    const ended = new Promise<void>((resolve) => {
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
    });
    const more = (): void => {
      if (socket.destroyed) return;
      sent += chunk.length;
      if (socket.write(chunk)) setImmediate(more);
      else socket.once('drain', more);
    };
    more();
    await ended;
    assert.match(received, /^HTTP\/1\.1 413 /);
    assert.ok(sent < 200_000_000, `${sent} bytes were taken`);
  });

  test('a client that asks first is told before it sends', bounded, async (t) => {
    const { rest, upstream } = await serve(t, { maxBody: limit });
    const { host } = new URL(rest);
    const head = (length: number) =>
      `POST /whole HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`;
    const refused = await converse(rest, head(limit + 1));
    assert.match(refused, /^HTTP\/1\.1 413 /);
    const taken = await converse(rest, head(2), '{}');
    assert.match(taken, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    assert.equal(upstream.requests.length, 1);
  });
});

test('a request that breaks off leaves nothing behind', bounded, async (t) => {
  const { rest, upstream } = await serve(t);
  const socket = connectTo(rest);
  socket.write(
    `POST /whole HTTP/1.1\r\nhost: ${new URL(rest).host}\r\ncontent-length: 100\r\n\r\n{"a":`,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.resetAndDestroy();
  assert.equal((await send(rest, '/whole', jsonBody('{}'))).status, 200);
  assert.equal(upstream.requests.length, 1);
});
