import assert from 'node:assert/strict';
import { rpc, sendRaw } from '../support/agent.ts';
import { modern, modernHeaders } from '../support/newer-agent.ts';

const CALL = { name: 'echo', arguments: { text: 'hello' } };

/** A well-behaved client of both eras that calls while others misbehave; no call of it may fail. */
export function keepCalling(url: string): { stop(): Promise<void> } {
  let running = true;
  let calls = 0;
  async function call(): Promise<void> {
    const isModern = calls % 2 === 1;
    const answer = isModern
      ? await sendRaw(url, modern('tools/call', CALL), modernHeaders('tools/call', 'echo'))
      : await sendRaw(url, rpc('tools/call', CALL));
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.text, /"structuredContent":\{"echoed":true\}/);
    calls += 1;
  }
  async function loop(): Promise<void> {
    while (running || calls < 2) await call();
  }
  const looping = loop();
  // Told by `stop`; a test that fails before has its own story to tell.
  looping.catch(() => {});
  return {
    async stop() {
      running = false;
      await looping;
    },
  };
}
