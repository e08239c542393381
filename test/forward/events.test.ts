import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createGzip } from 'node:zlib';
import { bounded, until } from '../support/http.ts';
import { begin, startProxy, startServer } from './proxy.ts';

const TYPE = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

for (const encoded of [false, true]) {
  test(
    `each event passes before the next one happens${encoded ? ', encoded ones too' : ''}`,
    bounded,
    async (t) => {
      let tell = (_: string): void => {};
      let end = (): void => {};
      const upstream = await startServer(t, (_, response: ServerResponse) => {
        response.writeHead(200, encoded ? { ...TYPE, 'content-encoding': 'gzip' } : TYPE);
        const coder = createGzip();
        response.flushHeaders();
        if (encoded) coder.pipe(response);
        const out = encoded ? coder : response;
        tell = (event) => {
          out.write(event);
          if (encoded) coder.flush();
        };
        end = () => void out.end();
      });
      const { request, response } = begin(await startProxy(t, upstream), '/proxy/events');
      request.end();
      const answer = await response;
      assert.equal(answer.headers['content-type'], 'text/event-stream');
      assert.equal(answer.headers['cache-control'], 'no-cache');
      let text = '';
      let expected = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      for (let turn = 0; turn < 20; turn += 1) {
        const event = `id: ${turn}\ndata: {"turn": ${turn}}\n\n`;
        expected += event;
        tell(event);
        await until(() => text === expected);
      }
      end();
      await until(() => answer.complete);
      assert.equal(text, expected);
    },
  );
}
