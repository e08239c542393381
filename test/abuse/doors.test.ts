import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialize, rpc, sendRaw } from '../support/agent.ts';
import { bounded, converse, send } from '../support/http.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { startAbused } from './abused.ts';
import { keepCalling } from './control.ts';

const FOREIGN: readonly Record<string, string>[] = [
  { host: 'evil.example' },
  { host: '127.0.0.1.evil.example:80' },
  { host: 'localhost@evil.example' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'file://' },
  { origin: 'http://localhost.evil.example' },
  { origin: 'http://127.0.0.1@evil.example' },
];

test('a foreign Host or Origin is 403 on every path, verb and era', bounded, async (t) => {
  const { origin, rest, upstream, mcp } = await startAbused(t);
  const control = keepCalling(mcp);
  const opened = await sendRaw(mcp, initialize());
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  await control.stop();
  const before = upstream.requests.length;
  const echo = { name: 'echo', arguments: { text: 'x' } };
  for (const foreign of FOREIGN) {
    for (const path of ['/mcp', '/mcp/', '/abused/mcp', '/', '/nothing']) {
      const url = origin + path;
      const sent = [
        sendRaw(url, initialize(), foreign),
        sendRaw(url, rpc('tools/call', echo), foreign),
        sendRaw(url, rpc('tools/call', echo), { ...session, ...foreign }),
        sendRaw(url, modern('tools/call', echo), {
          ...modernHeaders('tools/call', 'echo'),
          ...foreign,
        }),
        sendRaw(url, modern('server/discover'), {
          ...modernHeaders('server/discover'),
          ...foreign,
        }),
        sendRaw(url, undefined, { ...session, accept: 'text/event-stream', ...foreign }, 'GET'),
        sendRaw(url, undefined, { ...session, ...foreign }, 'DELETE'),
        sendRaw(url, undefined, { 'access-control-request-method': 'POST', ...foreign }, 'OPTIONS'),
      ];
      for (const { status, text } of await Promise.all(sent)) {
        assert.equal(status, 403, `${path} ${JSON.stringify(foreign)}`);
        assert.match(text, /"code":"FORBIDDEN_ORIGIN"/);
      }
    }
    assert.equal((await send(rest, '/echo', { headers: foreign })).status, 403);
  }
  // A whole URL in the request line changes nothing about the Host.
  const asked =
    'GET http://127.0.0.1/mcp HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n';
  assert.match(await converse(origin, asked), /^HTTP\/1\.1 403 /);
  assert.equal(upstream.requests.length, before);
  assert.equal(
    (await sendRaw(mcp, rpc('ping'), session)).status,
    200,
    'the session is still there',
  );
});
