import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rpc, sendRaw } from '../support/agent.ts';
import { bounded, converse } from '../support/http.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';
import { startAbused } from './abused.ts';

const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

test('headers that do not say what the body says run nothing', bounded, async (t) => {
  const { mcp, upstream } = await startAbused(t);
  const call = modern('tools/call', { name: 'echo', arguments: { region: 'eu' } });
  const right = { ...modernHeaders('tools/call', 'echo'), 'mcp-param-region': 'eu' };
  const wrong: readonly Record<string, string | null>[] = [
    ...['us', 'EU', '', '=?base64?ZXU?=', '=?base64?####?=', '=?base64?', base64('us'), 'e\u00fc']
      .concat('x'.repeat(8_000), `=?base64?${'A'.repeat(8_000)}?=`, '=?base64?/w==?=', 'eu, eu')
      .map((region) => ({ 'mcp-param-region': region })),
    { 'mcp-param-region': null },
    ...['post', 'ECHO', '=?base64?####?=', base64('post'), 'echo, echo'].map((name) => ({
      'mcp-name': name,
    })),
    { 'mcp-name': null },
    { 'mcp-method': 'tools/list' },
    { 'mcp-method': 'TOOLS/CALL' },
    { 'mcp-method': null },
    { 'mcp-protocol-version': '2025-11-25' },
    { 'mcp-protocol-version': 'x' },
  ];
  for (const headers of wrong) {
    const { status, text } = await sendRaw(mcp, call, { ...right, ...headers });
    assert.equal(status, 400, JSON.stringify(headers));
    assert.equal(JSON.parse(text).error.code, -32020, text);
  }
  assert.equal(upstream.requests.length, 0);
  for (const region of ['eu', base64('eu'), ' eu ']) {
    const answer = await sendRaw(mcp, call, { ...right, 'mcp-param-region': region });
    assert.equal(answer.status, 200, answer.text);
  }
});

test('a line break in a mirrored value makes no header, here or upstream', bounded, async (t) => {
  const { mcp, upstream } = await startAbused(t);
  const region = 'eu\r\nx-evil: 1';
  const call = modern('tools/call', { name: 'echo', arguments: { region } });
  const right = { ...modernHeaders('tools/call', 'echo'), 'mcp-param-region': base64(region) };
  assert.equal((await sendRaw(mcp, call, right)).status, 200);
  assert.deepEqual(
    upstream.requests.map(({ url, headers }) => [url, headers['x-evil']]),
    [['/echo?region=eu%0D%0Ax-evil%3A%201', undefined]],
  );
  const body = JSON.stringify(call);
  for (const end of ['\r', '\n', '\0', '\r\n ']) {
    const received = await converse(
      mcp,
      `POST /mcp HTTP/1.1\r\nhost: ${new URL(mcp).host}\r\nconnection: close\r\ncontent-type: application/json\r\nmcp-protocol-version: 2026-07-28\r\nmcp-method: tools/call\r\nmcp-name: echo\r\nmcp-param-region: eu${end}x-evil: 1\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    assert.match(received, /^HTTP\/1\.1 400 /, JSON.stringify(end));
  }
  assert.equal(upstream.requests.length, 1);
});

test('log levels that there are none of are refused or not heard', bounded, async (t) => {
  const { mcp } = await startAbused(t);
  for (const level of ['loud', '', 'DEBUG', '__proto__', 7, null, [], {}, 'x'.repeat(100_000)]) {
    const { text } = await sendRaw(mcp, rpc('logging/setLevel', { level }));
    assert.equal(JSON.parse(text).error.code, -32602, text);
    const meta = { 'io.modelcontextprotocol/logLevel': level };
    const call = modern('tools/call', { name: 'echo' }, 1, meta);
    const answer = await sendRaw(mcp, call, modernHeaders('tools/call', 'echo'));
    assert.deepEqual([answer.status, JSON.parse(answer.text).error.code], [400, -32602]);
    assert.ok(answer.text.length < 2_000 && text.length < 2_000);
  }
});
