import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText } from '../support/compile.ts';
import { startGateway } from '../support/gateway.ts';
import { environment, sessionCapability, startSessionApi } from './session-upstream.ts';

interface Document {
  readonly capability: {
    readonly consumes: { authentication: object }[];
    readonly exposes: { readonly resources: object[] }[];
  };
}

function forwarding(authentication?: object): string {
  const document = JSON.parse(sessionCapability()) as Document;
  const [block] = document.capability.consumes;
  if (block !== undefined && authentication !== undefined) block.authentication = authentication;
  document.capability.exposes[0]?.resources.push({
    path: '/all/{{path}}',
    forward: { targetNamespace: 'things-api', trustedHeaders: ['Authorization'] },
  });
  return JSON.stringify(document);
}

test('what is forwarded shows the session, and a body that streams goes once', async (t) => {
  const api = await startSessionApi(t);
  const { rest } = await startGateway(t, forwarding(), {
    upstream: api.upstream.origin,
    environment,
  });
  const call = async (method: string, path: string, body?: string): Promise<number> => {
    const init = { method, headers: { authorization: 'Bearer mine' } };
    const response = await fetch(
      `${rest}/all${path}`,
      body === undefined ? init : { ...init, body },
    );
    await response.arrayBuffer();
    return response.status;
  };
  assert.equal(await call('GET', '/other?csrf=mine&a=1'), 200);
  assert.match(api.upstream.requests.at(-1)?.url ?? '', /^\/other\?a=1&csrf=csrf%261/);
  assert.equal(await call('POST', '/items', 'a body'), 200);
  api.restart();
  assert.equal(await call('POST', '/items', 'another'), 401, 'it was read, and is gone');
  assert.equal(await call('POST', '/items', 'a third'), 200, 'the next has a new session');
  assert.deepEqual(api.seen.acted, ['a body', 'a third']);
  api.restart();
  assert.equal(await call('GET', '/other'), 200);
  assert.equal(api.seen.logins, 3);
});

test('a credential of callers is no part of forward', async () => {
  const { findings } = await compileText(forwarding({ type: 'caller', header: 'X-Key' }));
  const [finding] = findings.filter(({ severity }) => severity === 'error');
  assert.match(finding?.message ?? '', /name the header in trustedHeaders/);
});

test('who reads a resource has no credential to give', async () => {
  const document = JSON.parse(sessionCapability()) as Document;
  const [block] = document.capability.consumes;
  if (block !== undefined) block.authentication = { type: 'caller', header: 'X-Key' };
  const resource = {
    name: 'items',
    uri: 'items://all',
    description: 'All',
    call: 'things-api.list',
  };
  Object.assign(document.capability.exposes[1] ?? {}, { resources: [resource] });
  const { findings } = await compileText(JSON.stringify(document));
  assert.match(findings.map(({ message }) => message).join('\n'), /expose this as a tool/);
});
