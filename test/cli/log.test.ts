import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/log.ts';
import { createMask } from '../../src/secrets.ts';
import { startUpstream } from '../support/upstream.ts';
import { fileOf, folderOf, items, naftiko, startRun } from './naftiko.ts';

const bounded = { timeout: 30_000 };

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('--log-format json: every line on stderr is JSON, stdout is empty', bounded, async (t) => {
  const upstream = await startUpstream(t, {
    'GET /items/7': (_, response) => void response.socket?.destroy(),
  });
  const text = items({ baseUri: upstream.origin }).replace(
    'with: { limit',
    'with: { limmit: rest.limit, limit',
  );
  const running = await startRun(t, [await fileOf(t, text), '--log-format', 'json']);
  assert.equal((await fetch(`${running.rest}/v1/items/7`)).status, 502);
  assert.equal(await running.stop(), 0);
  assert.equal(running.out(), '');
  const lines = linesOf(running.err());
  const told = lines.map(({ msg }) => String(msg));
  assert.deepEqual(
    lines.filter(({ msg }) => msg === 'listening').map(({ rest, mcp }) => [rest, mcp]),
    [
      [['items-rest'], []],
      [[], ['items-mcp']],
    ],
  );
  const [warning] = lines.filter(({ finding }) => finding !== undefined);
  assert.match(JSON.stringify(warning), /"code":"WITH_TARGET_UNKNOWN"/);
  assert.ok(lines.some(({ status, path }) => status === 502 && path === '/v1/items/7'));
  assert.equal(told.at(-1), 'stopping');
});

test('--log-format json: a refused start is JSON, too, whatever the reason', bounded, async (t) => {
  const folder = await folderOf(t, {});
  const file = await fileOf(t, items().replace('call: items.get', 'call: items.gett'));
  const refusals: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[file, '--mock'], 1, /nothing is served/],
    [[`${folder}/no.yaml`], 1, /nothing is served/],
    [[await fileOf(t, items()), '--port', 'other=0'], 2, /no expose has the namespace/],
  ];
  for (const [args, expected, message] of refusals) {
    const { status, out, err } = await naftiko(['run', ...args, '--log-format', 'json']);
    assert.deepEqual([status, out], [expected, '']);
    assert.match(String(linesOf(err).at(-1)?.msg), message);
  }
});

test(
  '--log-level: silent says nothing of a good start, warn leaves out what is below',
  bounded,
  async (t) => {
    const upstream = await startUpstream(t, { 'GET /items/7': { status: 200, body: {} } });
    const file = await fileOf(t, items({ baseUri: upstream.origin }));
    const listening = startRun(t, [file, '--log-level', 'debug']);
    const { rest, err } = await listening;
    assert.equal((await fetch(`${rest}/v1/items?limit=x`)).status, 400);
    assert.match(err(), /DEBUG: .*limit[\s\S]*code: "INPUT_INVALID"/);
    const info = await startRun(t, [file]);
    assert.equal((await fetch(`${info.rest}/v1/items?limit=x`)).status, 400);
    assert.doesNotMatch(info.err(), /INPUT_INVALID/);
  },
);

test('a secret is masked in strings alone, so that a line stays JSON', () => {
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    format: 'json',
    mask: createMask(['8080', 'pa"ss']),
    write: (line) => lines.push(line),
  });
  log.info({ port: 8080, said: 'pa"ss' }, 'token 8080');
  const { port, said, msg } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.deepEqual([port, said, msg], [8080, '••••', 'token ••••']);
});

test('the text format is a line for people, coloured only when asked', () => {
  for (const color of [true, false]) {
    const lines: string[] = [];
    const write = (line: string): number => lines.push(line);
    const log = createLog({ level: 'info', format: 'text', mask: (text) => text, color, write });
    log.debug({}, 'below');
    log.warn({ code: 'X' }, 'careful');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /WARN.*: .*careful/);
    assert.equal(lines[0]?.includes('\u001b['), color);
  }
});
