import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { converse, jsonBody, send } from '../support/http.ts';
import { startUpstream, type TestUpstream } from '../support/upstream.ts';

const accepting = (t: Parameters<typeof startUpstream>[0]) =>
  startUpstream(t, (_request, response) => void response.end('{}'));

const last = (upstream: TestUpstream) => {
  const request = upstream.requests.at(-1);
  assert.ok(request);
  return request;
};

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly violations: readonly { input: string; in: string; message: string }[];
}

test('each input comes from its place and goes to its place', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        put: {
          route: 'PUT /items/{id}',
          parameters: [
            { name: 'id', in: 'path', type: 'string', required: true },
            { name: '$select', in: 'query', type: 'string' },
            { name: 'X-Trace', in: 'header', type: 'string' },
            { name: 'session', in: 'cookie', type: 'string' },
            { name: 'item', in: 'body', type: 'object' },
          ],
          with: {
            id: 'rest.id',
            $select: 'rest.$select',
            'X-Trace': 'rest.X-Trace',
            session: 'rest.session',
            item: 'rest.item',
          },
        },
      },
    }),
    { upstream: upstream.origin },
  );
  const answer = await send(rest, '/items/7?$select=a%20b&other=1', {
    ...jsonBody({ name: 'Zoë' }, 'PUT'),
    headers: {
      'content-type': 'application/json',
      'x-trace': 't-1',
      cookie: 'other=2; session="s%201"; session=late',
      authorization: 'Bearer mine',
      'x-other': 'mine',
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { method, url, headers, body } = last(upstream);
  assert.equal(`${method} ${url}`, 'PUT /items/7?%24select=a%20b');
  assert.equal(headers['x-trace'], 't-1');
  assert.equal(headers.cookie, 'session=s%201');
  assert.equal(body, '{"name":"Zoë"}');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers.authorization, undefined, "the caller's other headers stay here");
  assert.equal(headers['x-other'], undefined);
  assert.equal(headers.host, upstream.origin.slice('http://'.length));
});

test('a missing and a wrong-typed input are all named in one 400', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        make: {
          route: 'POST /teams/{team}/items',
          parameters: [
            { name: 'team', in: 'path', type: 'integer', required: true },
            { name: 'limit', in: 'query', type: 'integer' },
            { name: 'dry', in: 'query', type: 'boolean' },
            { name: 'sort', in: 'query', type: 'string' },
            { name: 'X-Key', in: 'header', type: 'string', required: true },
            { name: 'name', in: 'body', type: 'string', required: true },
            { name: 'size', in: 'body', type: 'number' },
          ],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  const answer = await send(
    rest,
    '/teams/x/items?limit=many&dry=perhaps&sort=a&sort=b',
    jsonBody({ size: 'big' }),
  );
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const { violations, detail, ...problem } = answer.json() as Problem;
  assert.deepEqual(violations, [
    { input: 'team', in: 'path', message: 'must be an integer, not "x"' },
    { input: 'limit', in: 'query', message: 'must be an integer, not "many"' },
    { input: 'dry', in: 'query', message: 'must be true or false, not "perhaps"' },
    { input: 'sort', in: 'query', message: 'is given 2 times, but takes one value' },
    { input: 'X-Key', in: 'header', message: 'is required and was not given' },
    { input: 'name', in: 'body', message: 'is required and was not given' },
    { input: 'size', in: 'body', message: 'must be a number, not "big"' },
  ]);
  for (const { input, message } of violations) assert.ok(detail.includes(`${input} ${message}`));
  assert.deepEqual(problem, {
    type: 'urn:naftiko:problem:input-invalid',
    title: 'The input does not match what the operation takes',
    status: 400,
    code: 'INPUT_INVALID',
  });
  const noObject = await send(rest, '/teams/x/items', jsonBody([1]));
  assert.deepEqual((noObject.json() as Problem).violations, [
    { input: 'team', in: 'path', message: 'must be an integer, not "x"' },
    { input: 'X-Key', in: 'header', message: 'is required and was not given' },
    {
      input: 'name',
      in: 'body',
      message: 'must be a field of a JSON object, but the body is a list',
    },
    {
      input: 'size',
      in: 'body',
      message: 'must be a field of a JSON object, but the body is a list',
    },
  ]);
  assert.equal(upstream.requests.length, 0);
});

test('what is empty but given is a value; what is absent is not sent', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        find: {
          route: 'GET /items',
          parameters: [
            { name: 'a', in: 'query', type: 'string' },
            { name: 'n', in: 'query', type: 'integer' },
            { name: 'b', in: 'query', type: 'boolean' },
            { name: 'X-E', in: 'header', type: 'string' },
          ],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  await send(rest, '/items');
  assert.equal(last(upstream).url, '/items');
  await send(rest, '/items?a=&n=0&b=false', { headers: { 'x-e': '' } });
  assert.equal(last(upstream).url, '/items?a=&n=0&b=false');
  assert.equal(last(upstream).headers['x-e'], '');
  await send(rest, '/items?a&&=x');
  assert.equal(last(upstream).url, '/items?a=');
});

test('queries: a plus is a space, escapes and unicode arrive, lists and objects too', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        find: {
          route: 'GET /items',
          parameters: [
            { name: 'q', in: 'query', type: 'string' },
            { name: 'types', in: 'query', type: 'array', items: { type: 'string' } },
            { name: 'fields[]', in: 'query', type: 'array' },
            { name: 'filter', in: 'query', type: 'object', style: 'deepObject' },
            { name: 'plain', in: 'query', type: 'object' },
          ],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  const url = async (query: string) => {
    const answer = await send(rest, `/items?${query}`);
    assert.equal(answer.status, 200, answer.text);
    return last(upstream).url.slice('/items?'.length);
  };
  assert.equal(await url('q=a+b%2Bc%26d'), 'q=a%20b%2Bc%26d');
  assert.equal(await url('q=%E2%98%83&q2=x'), 'q=%E2%98%83');
  assert.equal(await url('q=100%'), 'q=100%25', 'a lone percent sign is taken as one');
  assert.equal(await url('types=a&types=b%2Cc'), 'types=a&types=b%2Cc');
  assert.equal(await url('types=a'), 'types=a');
  assert.equal(await url('types=%5B%22a%22,%22b%22%5D'), 'types=a&types=b', 'JSON text');
  assert.equal(await url('fields[]=x&fields%5B%5D=y'), 'fields%5B%5D=x&fields%5B%5D=y');
  assert.equal(await url('filter[name]=x&filter[size]=2'), 'filter%5Bname%5D=x&filter%5Bsize%5D=2');
  assert.equal(
    await url('filter[tag]=x&filter[tag]=y'),
    'filter%5Btag%5D=x&filter%5Btag%5D=y',
    'a member given twice is a list',
  );
  assert.equal(
    await url('filter=%7B%22name%22:%22x%22%7D'),
    'filter%5Bname%5D=x',
    'an object as JSON text',
  );
  assert.equal(await url('plain[a]=1'), 'plain=%7B%22a%22%3A%221%22%7D');
  const wrong = await send(rest, '/items?filter=x');
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /filter must be an object, not \\"x\\"/);
  const proto = await url('filter[__proto__]=x&filter[constructor]=y');
  assert.equal(proto, 'filter%5B__proto__%5D=x&filter%5Bconstructor%5D=y');
});

test('headers: repeated ones are joined, UTF-8 arrives as such, a line break is refused', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        find: {
          route: 'GET /items',
          parameters: [
            { name: 'X-Tag', in: 'header', type: 'string' },
            { name: 'Accept', in: 'header', type: 'string' },
            { name: 'constructor', in: 'header', type: 'string' },
          ],
        },
        copy: {
          route: 'GET /copy',
          parameters: [{ name: 'X-Tag', in: 'header', type: 'string' }],
          with: { 'X-Tag': '{{note}}' },
          declared: [{ name: 'note', in: 'query', type: 'string' }],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  await send(rest, '/items', { headers: { 'X-TAG': ['a', 'b'], accept: 'text/csv' } });
  assert.equal(last(upstream).headers['x-tag'], 'a, b');
  assert.equal(last(upstream).headers.accept, 'text/csv');
  assert.equal(last(upstream).headers.constructor, Object, 'no header of that name was sent');
  for (const text of ['Zoë', 'what was lost: \ufffd']) {
    const utf8 = Buffer.from(text, 'utf8').toString('latin1');
    await send(rest, '/items', { headers: { 'x-tag': utf8 } });
    assert.equal(last(upstream).headers['x-tag'], utf8, 'the same bytes');
  }
  const sent = upstream.requests.length;
  for (const note of ['a%0D%0Ax-evil:%201', 'a%0Ab', 'a%00b', '%0D']) {
    const { status, text } = await send(rest, `/copy?note=${note}`);
    assert.equal(status, 400, note);
    assert.match(text, /note must not hold line breaks, NUL or other control characters/);
  }
  assert.equal(upstream.requests.length, sent);
  const split = await converse(
    rest,
    `GET /items HTTP/1.1\r\nhost: ${new URL(rest).host}\r\nx-tag: a\0b\r\n\r\n`,
  );
  assert.match(split, /^HTTP\/1\.1 400 /);
});

test('cookies: decoded, quoted or not, several, malformed', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        find: {
          route: 'GET /items',
          parameters: [
            { name: 'a', in: 'cookie', type: 'string' },
            { name: 'n', in: 'cookie', type: 'integer' },
          ],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  const cookie = async (header: string) => {
    const answer = await send(rest, '/items', { headers: { cookie: header } });
    return answer.status === 200 ? last(upstream).headers.cookie : answer.status;
  };
  assert.equal(await cookie('a=1; n=2'), 'a=1; n=2');
  assert.equal(await cookie('aa=1;a = "x y" ;b=2'), 'a=x%20y');
  assert.equal(await cookie('a=%zz'), 'a=%25zz');
  assert.equal(await cookie('a=b=c'), 'a=b=c');
  assert.equal(await cookie('a=%0D%0Aset'), 'a=%0D%0Aset', 'encoded, it breaks no line');
  assert.equal(await cookie('a; b'), undefined);
  assert.equal(await cookie('n=x'), 400);
});

test('a fixed value is no input: the caller cannot change it', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        find: {
          route: 'GET /items',
          parameters: [
            { name: 'version', in: 'query', value: '2' },
            { name: 'X-Version', in: 'header', value: '2024' },
          ],
        },
      },
    }),
    { upstream: upstream.origin },
  );
  await send(rest, '/items?version=3', { headers: { 'x-version': 'mine' } });
  assert.equal(last(upstream).url, '/items?version=2');
  assert.equal(last(upstream).headers['x-version'], '2024');
});

test('allow-listed caller headers go upstream, and what the file declares wins', async (t) => {
  const upstream = await accepting(t);
  const { rest } = await startGateway(
    t,
    capability({
      operations: {
        find: {
          route: 'GET /items',
          parameters: [{ name: 'X-Fixed', in: 'header', value: 'file' }],
        },
      },
      consumes: { authentication: { type: 'bearer', token: 'the-token-of-the-block' } },
    }),
    {
      upstream: upstream.origin,
      forwardHeaders: ['Authorization', 'X-Tenant', 'x-fixed', 'cookie', 'x-tenant'],
    },
  );
  const answer = await send(rest, '/items', {
    headers: {
      authorization: 'Bearer of-the-caller',
      'x-tenant': 'acme',
      'x-fixed': 'caller',
      'x-other': 'no',
      cookie: ['a=1', 'b=2'],
      connection: 'close, x-tenant',
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { headers } = last(upstream);
  assert.equal(headers.authorization, 'Bearer the-token-of-the-block');
  assert.equal(headers['x-tenant'], 'acme');
  assert.equal(headers['x-fixed'], 'file');
  assert.equal(headers['x-other'], undefined);
  assert.equal(headers.cookie, 'a=1; b=2');
  assert.ok(!String(headers.connection).includes('x-tenant'));
});

test('a header of the connection cannot be forwarded', async (t) => {
  const text = capability({ operations: { find: { route: 'GET /items' } } });
  for (const name of ['Host', 'content-length', 'Transfer-Encoding', 'connection']) {
    await assert.rejects(startGateway(t, text, { forwardHeaders: [name] }), {
      name: 'OptionError',
      message: `--forward-header ${name}: this header belongs to the connection with the consumed API, so the gateway sets it itself.`,
    });
  }
  await assert.rejects(startGateway(t, text, { forwardHeaders: ['x y'] }), {
    message: /x y: this cannot be the name of a header/,
  });
});
