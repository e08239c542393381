import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileOutline, compileText, findingOf, outlined, requestOf } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { jsonBody, send } from '../support/http.ts';
import { startUpstream } from '../support/upstream.ts';

describe('inputs that are read out of the body', () => {
  test('by JSONPath, into a template of the body, a query and a header', async (t) => {
    const upstream = await startUpstream(t, {
      'POST /things': { body: { ok: true } },
    });
    const text = JSON.parse(
      outlined({
        method: 'POST',
        baseUri: upstream.origin,
        consumes: { inputParameters: [{ name: 'X-API-Key', in: 'header', value: 'ABC123' }] },
        operation: {
          body: '{"id":"{{userId}}","name":"{{userName}}"}\n',
          inputParameters: [{ name: 'q', in: 'query', value: '{{userId}}' }],
        },
        declared: [
          { name: 'userId', in: 'body', type: 'string', value: '$.user.id' },
          { name: 'userName', in: 'body', type: 'string', value: '$.user.name' },
        ],
      }),
    );
    text.capability.exposes.splice(1);
    const { rest } = await startGateway(t, JSON.stringify(text));
    const user = { id: '999', name: 'Alice "A" {{userId}}' };
    const answer = await send(rest, '/r', jsonBody({ user }));
    assert.equal(answer.status, 200, answer.text);
    const [request] = upstream.requests;
    assert.equal(request?.url, '/things?q=999');
    assert.equal(request.headers['x-api-key'], 'ABC123');
    assert.deepEqual(JSON.parse(request.body), { id: '999', name: user.name });
    assert.ok(request.body.endsWith('\n'));
    const partly = await send(rest, '/r', jsonBody({ user: { id: '1' } }));
    assert.equal(partly.status, 200);
    assert.equal(upstream.requests[1]?.body, '{"id":"1"}');
  });

  test('a path that cannot be honoured is refused at load', async () => {
    for (const [declared, why] of [
      [{ name: 'q', in: 'body', value: '$.a[' }, /The JSONPath/],
      [{ name: 'q', in: 'query', value: '$.a' }, /Say in: body/],
    ] as const) {
      const text = JSON.parse(
        outlined({ declared: [declared], parameters: [{ name: 'q', in: 'query' }] }),
      );
      text.capability.exposes.splice(1);
      const compiled = await compileText(JSON.stringify(text));
      assert.match(findingOf(compiled, 'JSONPATH_INVALID').message, why);
    }
  });
});

test('a parameter from the environment is a variable of every template', async () => {
  const consumes = {
    inputParameters: [{ name: 'API_TOKEN', in: 'environment' }],
    authentication: { type: 'bearer', token: '{{API_TOKEN}}' },
  };
  const { route, tool, compiled } = await compileOutline(
    { consumes },
    { environment: { API_TOKEN: 't0p' } },
  );
  assert.deepEqual(route.operation.inputs, []);
  assert.deepEqual(tool.operation.inputs, []);
  assert.equal(requestOf(route).headers.authorization, 'Bearer t0p');
  assert.ok(compiled.secrets.has('t0p'));
  const missing = await compileText(outlined({ consumes }));
  assert.match(findingOf(missing, 'VARIABLE_MISSING').message, /API_TOKEN from the environment/);
});

test('a credential or fixed value that is the bare name of a variable is that variable', async () => {
  const outline = {
    binds: [{ namespace: 'env', keys: { KEY: 'KEY' } }],
    consumes: { authentication: { type: 'bearer', token: 'KEY' } },
    parameters: [
      { name: 'X-Key', in: 'header', value: 'KEY' },
      { name: 'X-Other', in: 'header', value: 'OTHER' },
    ],
  };
  const { route, compiled } = await compileOutline(outline, { environment: { KEY: 'v4l' } });
  const { headers } = requestOf(route);
  assert.equal(headers.authorization, 'Bearer v4l');
  assert.equal(headers['x-key'], 'v4l');
  assert.equal(headers['x-other'], 'OTHER');
  const bare = compiled.findings.filter(({ code }) => code === 'VARIABLE_BARE');
  assert.equal(bare.length, 2);
  assert.match(bare[0]?.message ?? '', /it is read as \{\{KEY\}\}/);
});
