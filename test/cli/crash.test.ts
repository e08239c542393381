import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertNoLeak } from '../stories/leaks.ts';
import { fileOf, items } from './naftiko.ts';

const SECRET = 'cräsh/secret+1 "x"';
/** A fault in the middle of serving, with the secret in all its forms. */
const FAULT = `process.on('SIGUSR2', () => {
  const secret = process.env.ITEMS_KEY;
  const cause = new Error(Buffer.from(secret).toString('base64'));
  throw Object.assign(new Error('a fault with ' + secret, { cause }), { url: encodeURIComponent(secret) });
})`;

for (const format of ['text', 'json']) {
  test(`what nobody caught ends the process, masked, as ${format}`, {
    timeout: 60_000,
  }, async (t) => {
    const authentication = ['type: bearer', "token: '{{ITEMS_KEY}}'"];
    const file = await fileOf(t, items({ authentication, binds: { ITEMS_KEY: 'ITEMS_KEY' } }));
    const command = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const fault = `data:text/javascript,${encodeURIComponent(FAULT)}`;
    const child = spawn(
      process.execPath,
      [
        ...['--import', import.meta.resolve('tsx'), '--import', fault, command],
        ...['run', file, '--rest-port', '0', '--mcp-port', '0', '--log-format', format],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ITEMS_KEY: SECRET } },
    );
    t.after(() => child.kill('SIGKILL'));
    const closed = once(child, 'close');
    let said = '';
    for await (const text of child.stderr.setEncoding('utf8')) {
      const before = said;
      said += text;
      const listens = /Ctrl-C stops|"mcp":\["/;
      if (listens.test(said) && !listens.test(before)) child.kill('SIGUSR2');
    }
    assert.deepEqual(await closed, [1, null], said);
    assert.match(said, /a fault with ••••/);
    assert.match(said, /at process\.\S+/, 'the stack tells where');
    assertNoLeak([SECRET], { 'what the process said': said });
  });
}
