import assert from 'node:assert/strict';
import test from 'node:test';
import { compileText, findingOf } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { send } from '../support/http.ts';
import { startRawUpstream, startUpstream } from '../support/upstream.ts';

const file = (longPoll?: string, parameter: object = {}): string =>
  JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: {
      consumes: [
        {
          type: 'http',
          namespace: 'api',
          baseUri: 'http://upstream.invalid',
          resources: [
            {
              path: '/wait',
              operations: [
                {
                  name: 'wait',
                  ...(longPoll === undefined ? {} : { longPoll }),
                  inputParameters: [
                    { name: 'timeout', in: 'query', type: 'integer', ...parameter },
                  ],
                },
              ],
            },
          ],
        },
      ],
      exposes: [
        {
          type: 'rest',
          namespace: 'web',
          port: 8080,
          resources: [
            {
              path: '/wait',
              operations: [{ name: 'wait', call: 'api.wait', with: { timeout: 'rest.timeout' } }],
            },
          ],
        },
      ],
    },
  });

test('a long poll is given as long as its caller asks for, whatever the usual limit', async (t) => {
  const upstream = await startUpstream(t, (_, response) => {
    setTimeout(() => response.end('{}'), 400);
  });
  const options = { upstream: upstream.origin, timeout: 150 };
  const patient = await startGateway(t, file('timeout'), options);
  assert.equal((await send(patient.rest, '/wait?timeout=1')).status, 200);
  assert.equal((await send(patient.rest, '/wait')).status, 504);
  const usual = await startGateway(t, file(), options);
  assert.equal((await send(usual.rest, '/wait?timeout=1')).status, 504);
  const withDefault = await startGateway(t, file('timeout', { default: 1 }), options);
  assert.equal((await send(withDefault.rest, '/wait')).status, 200);
});

for (const [longPoll, times] of [
  [undefined, 2],
  ['timeout', 1],
] as const) {
  test(`a GET whose kept connection is lost is sent ${times === 1 ? 'once as a long poll' : 'again otherwise'}`, async (t) => {
    let requests = 0;
    const upstream = await startRawUpstream(t, (socket) => {
      requests += 1;
      if (requests === 2) socket.resetAndDestroy();
      else
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
        );
    });
    const { rest } = await startGateway(t, file(longPoll), { upstream: upstream.origin });
    assert.equal((await send(rest, '/wait?timeout=1')).status, 200);
    const second = await send(rest, '/wait?timeout=1');
    assert.equal(second.status, times === 1 ? 502 : 200);
    assert.equal(requests, 1 + times);
  });
}

test('a parameter that is not there is told of', async () => {
  const finding = findingOf(await compileText(file('timeuot')), 'REFERENCE_UNKNOWN');
  assert.match(finding.message, /"timeuot" is no parameter of this operation/);
  assert.equal(finding.suggestion, 'timeout');
});
