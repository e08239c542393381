import assert from 'node:assert/strict';
import { resolve as absolute } from 'node:path';
import { describe, test } from 'node:test';
import type { BindLocation, BindSchemes } from '../../src/document/bind-schemes.ts';
import { resolveBinds } from '../../src/document/binds.ts';
import type { CapabilityDocument } from '../../src/document/document.ts';
import { loadText } from '../../src/document/load.ts';
import { StartError } from '../../src/gateway/gateway.ts';
import { capability } from '../support/capability.ts';
import { startGateway } from '../support/gateway.ts';
import { startUpstream } from '../support/upstream.ts';

async function resolve(bind: object, schemes: BindSchemes = {}, environment = {}) {
  const text = JSON.stringify({
    naftiko: '1.0.0-alpha2',
    capability: { exposes: [], binds: [{ namespace: 'team', keys: { TOKEN: 'token' }, ...bind }] },
  });
  const { document, source } = loadText('folder/x.yaml', text);
  return resolveBinds(document as CapabilityDocument, source, environment, schemes);
}

describe('the location of a bind', () => {
  test('of a scheme that was given is asked there, once', async () => {
    const asked: BindLocation[] = [];
    const { variables, findings } = await resolve(
      { location: 'vault://team/app', keys: { TOKEN: 'token', PIN: 'pin', NONE: 'none' } },
      {
        vault: async (place) => {
          asked.push(place);
          return { token: 'abc', pin: 123, none: null, more: 'x' };
        },
      },
    );
    assert.deepEqual(findings, []);
    assert.deepEqual(asked, [
      {
        location: 'vault://team/app',
        file: absolute('folder/x.yaml'),
        keys: ['token', 'pin', 'none'],
      },
    ]);
    assert.equal(variables.find('TOKEN')?.value, 'abc');
    assert.equal(variables.find('team.PIN')?.value, '123');
    assert.equal(variables.find('NONE')?.value, undefined);
    assert.equal(variables.find('team.more'), undefined, 'only what keys list is read');
    assert.equal(variables.find('TOKEN')?.from, 'vault://team/app');
  });

  test('env:// is the environment, as without location', async () => {
    const { variables, findings } = await resolve(
      { location: 'env://' },
      {},
      { token: 'e', B: 'b' },
    );
    assert.deepEqual(findings, []);
    assert.equal(variables.find('TOKEN')?.value, 'e');
    assert.equal(variables.find('team.B')?.value, 'b');
  });

  test('of a scheme nobody knows is a finding that names the known ones', async () => {
    const { findings } = await resolve({ location: 'k8s-secret://ns/name' }, { vault: () => ({}) });
    assert.deepEqual(
      findings.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`),
      ['warning BIND_LOCATION_UNSUPPORTED /capability/binds/0/location'],
    );
    assert.match(findings[0]?.message ?? '', /"k8s-secret:".* Known are file, env, vault: /);
  });

  test('names no scheme by a name that every object has', async () => {
    const { findings } = await resolve({ location: 'constructor://x' });
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['BIND_LOCATION_UNSUPPORTED'],
    );
  });

  test('that cannot be read says why', async () => {
    for (const [scheme, why] of [
      [
        () => Promise.reject(new Error('the vault is sealed.')),
        /vault:\/\/a: the vault is sealed\.$/,
      ],
      [() => null as never, /it gave no object of keys and values\.$/],
    ] as const) {
      const { findings, variables } = await resolve({ location: 'vault://a' }, { vault: scheme });
      assert.deepEqual(
        findings.map(({ severity, code }) => `${severity} ${code}`),
        ['error BIND_UNREADABLE'],
      );
      assert.match(findings[0]?.message ?? '', why);
      assert.equal(variables.find('TOKEN')?.value, undefined);
    }
  });
});

const text = capability({
  operations: { list: { route: 'GET /things' } },
  consumes: { authentication: { type: 'bearer', token: '{{TOKEN}}' } },
  binds: [{ namespace: 'team', location: 'vault://team', keys: { TOKEN: 'token' } }],
});

test('a gateway takes schemes, and masks what they give', async (t) => {
  const upstream = await startUpstream(t, { 'GET /things': { body: {} } });
  const { rest, gateway } = await startGateway(t, text, {
    upstream: upstream.origin,
    bindSchemes: { vault: () => ({ token: 'from-the-vault' }) },
  });
  await fetch(`${rest}/things`);
  assert.equal(upstream.requests[0]?.headers.authorization, 'Bearer from-the-vault');
  assert.equal(gateway.secrets.has('from-the-vault'), true);
});

test('without its scheme, a variable that is used stops the start', async (t) => {
  await assert.rejects(startGateway(t, text), (error: unknown) => {
    assert.equal(error instanceof StartError, true);
    const { findings } = error as StartError;
    assert.deepEqual(findings.map(({ code }) => code).sort(), [
      'BIND_LOCATION_UNSUPPORTED',
      'VARIABLE_MISSING',
    ]);
    return true;
  });
});
