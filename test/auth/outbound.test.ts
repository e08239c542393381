import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileOutbound } from '../../src/auth/outbound.ts';
import { createContext } from './fields.ts';

const AT = '/capability/consumes/0/authentication';
const CLIENT = { type: 'oauth2', clientId: 'me', clientSecret: '{{SECRET}}' } as const;

function compile(block: Parameters<typeof compileOutbound>[0]) {
  const context = createContext({ SECRET: 'hunter2' });
  return { plan: compileOutbound(block, AT, context), ...context };
}

describe('digest and oauth2 towards a consumed API, at load', () => {
  test('digest', () => {
    const { plan, secrets } = compile({ type: 'digest', username: 'u', password: '{{SECRET}}' });
    assert.ok(plan?.type === 'digest');
    assert.equal(plan.password(), 'hunter2');
    assert.ok(secrets.has('hunter2'));
    assert.match(compile({ type: 'digest', username: 'u' }).findings.join(), /needs "password"/);
  });

  test('oauth2 from a token endpoint or from an issuer', () => {
    const direct = compile({
      ...CLIENT,
      authorizationServerUri: 'https://id.example/',
      tokenEndpoint: 'https://id.example/token',
      resource: 'https://api.example/',
      scopes: ['a'],
    });
    assert.deepEqual(direct.findings, []);
    const { clientSecret, ...plan } = direct.plan as Extract<
      typeof direct.plan,
      { type: 'oauth2' }
    >;
    assert.equal(clientSecret(), 'hunter2');
    assert.deepEqual(plan, {
      type: 'oauth2',
      from: { tokenEndpoint: 'https://id.example/token' },
      clientId: 'me',
      scopes: ['a'],
      resource: 'https://api.example/',
    });
    const discovered = compile({
      ...CLIENT,
      authorizationServerUri: 'https://id.example/',
      resource: 'https://api.example/',
      audience: 'api',
    }).plan;
    assert.ok(discovered?.type === 'oauth2');
    assert.deepEqual(discovered.from, { issuer: 'https://id.example/' });
    assert.deepEqual([discovered.audience, discovered.resource], ['api', undefined]);
  });

  test('what is missing is named', () => {
    assert.match(compile({ ...CLIENT }).findings.join(), /needs "tokenEndpoint"/);
    const nobody = compile({ type: 'oauth2', tokenEndpoint: 'https://id.example/token' });
    assert.equal(nobody.plan, undefined);
    assert.match(nobody.findings.join(), /needs "clientId".*needs "clientSecret"/);
    const wrong = compile({ ...CLIENT, tokenEndpoint: 'ftp://id.example/' });
    assert.match(wrong.findings.join(), /^VALUE_NOT_ALLOWED .*\/tokenEndpoint: /);
  });
});
