import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { capability, whole } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

async function serve(t: TestContext, contentType: string, body: object = {}) {
  const upstream = await startUpstream(t, { 'POST /things': { body: {} } });
  const text = capability({
    faces: ['rest'],
    operations: {
      add: {
        route: 'POST /things',
        parameters: [
          { name: 'Content-Type', in: 'header', value: contentType },
          { name: 'doc', in: 'body', required: true, ...body },
        ],
        output: whole,
      },
    },
  });
  const { rest } = await startGateway(t, text, { upstream: upstream.origin });
  const post = (content: string | Uint8Array<ArrayBuffer>, type: string | undefined) =>
    fetch(`${rest}/things`, {
      method: 'POST',
      body: typeof content === 'string' ? new TextEncoder().encode(content) : content,
      headers: type === undefined ? {} : { 'content-type': type },
    });
  return { post, received: upstream.requests };
}

describe('a body of the type that the file fixes is taken as it comes', () => {
  const XML = '<?xml version="1.0"?>\n<a b="&lt;">é</a>\n';
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ['application/xml', 'application/xml', XML],
    ['application/xml; charset=utf-8', 'text/xml; charset=utf-8', XML],
    ['application/soap+xml', 'application/xml', XML],
    ['application/xml', undefined, XML],
    ['text/csv', 'text/csv', 'a,b\r\n1,"2"\r\n'],
    ['text/plain', 'text/plain', '{"not": json'],
    ['application/x-yaml', 'application/x-yaml', 'a: [1]\n'],
    ['text/csv', 'text/plain', '1,2'],
  ];
  for (const [fixed, sent, content] of cases) {
    test(`${sent ?? 'no type'} where ${fixed} is sent on`, async (t) => {
      const { post, received } = await serve(t, fixed);
      assert.equal((await post(content, sent)).status, 200);
      assert.equal(received[0]?.body, content);
      assert.equal(received[0]?.headers['content-type'], fixed);
    });
  }

  test('bytes that are no text stay bytes', async (t) => {
    const { post, received } = await serve(t, 'application/octet-stream');
    const bytes = Uint8Array.from([0, 255, 254, 128, 10]);
    assert.equal((await post(bytes, 'application/octet-stream')).status, 200);
    assert.deepEqual([...(received[0]?.bytes ?? [])], [...bytes]);
  });

  test('its limits hold', async (t) => {
    const { post, received } = await serve(t, 'text/csv', { type: 'string', maxLength: 3 });
    assert.equal((await post('1,2,3', 'text/csv')).status, 400);
    assert.equal(received.length, 0);
  });
});

test('a body of another type is refused, naming the one that is taken', async (t) => {
  const { post } = await serve(t, 'application/xml');
  const response = await post('x', 'image/png');
  assert.equal(response.status, 415);
  const { detail } = (await response.json()) as { detail: string };
  assert.match(detail, /takes application\/xml, not image\/png/);
});
