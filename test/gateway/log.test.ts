import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAgent, textOf } from '../support/agent.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { bounded, connectTo, jsonBody, send, until } from '../support/http.ts';
import { keptLog } from '../support/log.ts';
import { closedOrigin, startUpstream } from '../support/upstream.ts';

const text = capability({
  operations: {
    items: {
      route: 'GET /items/{id}',
      parameters: [
        { name: 'id', in: 'path', type: 'integer', required: true },
        { name: 'key', in: 'query', type: 'string' },
      ],
    },
    never: { route: 'GET /never' },
  },
});

test('at level debug each request leaves a line, without its query', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/1': { status: 404 },
    'GET /never': () => {},
  });
  const log = keptLog('debug');
  const { rest, mcp } = await startGateway(t, text, { upstream: upstream.origin, log });
  await send(rest, '/items/1?key=secret');
  await send(rest, '/items/x?key=secret');
  await send(rest, '/nothing', { method: 'PUT' });
  const socket = connectTo(rest);
  socket.write(`GET /never HTTP/1.1\r\nhost: ${new URL(rest).host}\r\n\r\n`);
  await until(() => upstream.requests.length === 2);
  socket.destroy();
  const url = new URL(mcp);
  await send(url.origin, url.pathname, jsonBody('{}'));
  const requests = () => log.lines.filter(({ message }) => message === 'request');
  await until(() => requests().length === 5);
  assert.deepEqual(
    requests().map(({ level, fields: { method, path, status, complete } }) =>
      [level, method, path, status, complete].join(' '),
    ),
    [
      'debug GET /items/1 404 ',
      'debug GET /items/x 400 ',
      'debug PUT /nothing 404 ',
      'debug GET /never 499 false',
      'debug POST /mcp 400 ',
    ],
  );
  for (const { fields } of requests()) assert.equal(typeof fields.durationMs, 'number');
  const bad = log.lines.filter(({ fields }) => fields.code === 'INPUT_INVALID');
  assert.equal(bad.length, 1);
  assert.equal(bad[0]?.level, 'debug');
  assert.doesNotMatch(JSON.stringify(log.lines), /secret/);
});

test('above debug only failures are logged: a warning each, with the cause', bounded, async (t) => {
  const log = keptLog();
  const { rest, mcp } = await startGateway(t, text, { upstream: await closedOrigin(), log });
  await send(rest, '/items/1?key=secret');
  await send(rest, '/nothing');
  const client = await connectAgent(t, mcp);
  const result = await client.callTool({ name: 'items', arguments: { id: 1, key: 'secret' } });
  assert.match(textOf(result), /refused the connection/);
  assert.deepEqual(
    log.lines.map(({ level, fields: { cause: _, ...fields } }) => ({ level, ...fields })),
    [
      { level: 'warn', method: 'GET', path: '/items/1', code: 'UPSTREAM_UNREACHABLE', status: 502 },
      { level: 'warn', tool: 'items', code: 'UPSTREAM_UNREACHABLE', status: 502 },
    ],
  );
  for (const { fields } of log.lines) assert.match(String(fields.cause), /ECONNREFUSED/);
  assert.doesNotMatch(JSON.stringify(log.lines), /secret/);
});
