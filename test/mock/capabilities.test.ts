import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import type { CapabilityDocument, ConsumesHttp } from '../../src/document/document.ts';
import { loadFile } from '../../src/document/load.ts';
import { startMock } from '../../src/mock/server.ts';
import type { Closer } from '../support/upstream.ts';
import { type Caller, callerOf } from './caller.ts';

const FOLDER = path.join(import.meta.dirname, '..', '..', 'capabilities');

async function loadOwn(name: string): Promise<CapabilityDocument> {
  const { document, findings } = await loadFile(path.join(FOLDER, name));
  assert.deepEqual(findings, []);
  assert.ok(document !== undefined);
  return document;
}

async function mockOwn(t: Closer, document: CapabilityDocument): Promise<Caller> {
  const [block] = (document.capability?.consumes ?? []) as ConsumesHttp[];
  assert.ok(block !== undefined);
  const mock = await startMock({ consumes: [{ key: 'own', consumes: block }] });
  t.after(() => mock.close());
  return callerOf(mock.baseUri('own'));
}

const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };

test('Koyeb sessions: a clean file, whose mock asks for the key and for who logs in', async (t) => {
  const call = await mockOwn(t, await loadOwn('koyeb-sessions.yaml'));
  const login = (body: unknown, more = {}) =>
    call('POST', '/v1/account/login', { headers: { ...headers, ...more }, body });
  const good = await login({ email: 'ada@example.com', password: 'x' }, { 'seon-fp': 'print' });
  assert.equal(good.status, 200);
  assert.equal(good.json.operation, 'koyeb-sessions.login');
  assert.deepEqual(good.json.headers, { 'seon-fp': 'print' });
  assert.match((await login({ email: 'ada@example.com' })).json.detail, /: password is required/);
  assert.equal((await call('POST', '/v1/account/login', { body: { email: 'a' } })).status, 401);
  for (const [method, target] of [
    ['DELETE', '/v1/account/logout'],
    ['PUT', '/v1/account/refresh'],
    ['POST', '/v1/account/session'],
  ] as const) {
    assert.equal((await call(method, target)).status, 401, target);
    assert.equal((await call(method, target, { headers })).status, 200, target);
  }
});

test('CloudAlly authentication: a clean file, whose mock asks for each credential', async (t) => {
  const call = await mockOwn(t, await loadOwn('cloudally-authentication.yaml'));
  const cases: [string, Record<string, string>, string][] = [
    ['/auth', { email: 'ada@example.com', password: 'x' }, 'password'],
    ['/auth/partner', { clientId: 'id', clientSecret: 'x' }, 'clientSecret'],
    ['/auth/refresh', { refreshToken: 'x' }, 'refreshToken'],
  ];
  for (const [target, body, needed] of cases) {
    assert.equal((await call('POST', target, { headers, body })).status, 200, target);
    const { [needed]: _, ...rest } = body;
    const { status, json } = await call('POST', target, { headers, body: rest });
    assert.equal(status, 400, target);
    assert.ok(json.detail.includes(`${needed} is required and missing`), json.detail);
    assert.equal((await call('POST', target, { body })).status, 401, target);
  }
});

test('agents learn of every field, and the hints are whole', async () => {
  const names = readdirSync(FOLDER).filter((name) => name.startsWith('koyeb-'));
  assert.equal(names.length, 8);
  for (const name of [...names, 'cloudally-authentication.yaml']) {
    const { capability } = await loadOwn(name);
    for (const expose of capability?.exposes ?? []) {
      if (expose.type !== 'mcp') continue;
      for (const tool of expose.tools ?? []) {
        assert.ok((tool.description ?? '').length > 60, tool.name);
        assert.deepEqual(
          Object.keys(tool.hints ?? {}),
          ['readOnly', 'destructive', 'idempotent', 'openWorld'],
          tool.name,
        );
      }
    }
    for (const block of (capability?.consumes ?? []) as ConsumesHttp[]) {
      for (const { operations = [] } of block.resources ?? []) {
        for (const { inputParameters = [] } of operations) {
          for (const { in: place, properties } of inputParameters) {
            if (place !== 'body') continue;
            const fields = Object.values(properties ?? {});
            assert.ok(fields.length > 0 && fields.every(({ description }) => description), name);
          }
        }
      }
    }
  }
});
