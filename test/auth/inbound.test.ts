import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { compileInbound } from '../../src/auth/inbound.ts';
import { createContext } from './fields.ts';

const AT = '/capability/exposes/0/authentication';

function compile(block: unknown, values: Readonly<Record<string, string>> = {}) {
  const context = createContext(values);
  const plan = compileInbound(block, AT, context);
  return { plan, ...context };
}

describe('authentication of callers, at load', () => {
  test('every type becomes a plan, with its variables filled in', () => {
    const values = { USER: 'ada', PASS: 's3cret', KEY: 'k' };
    const basic = compile({ type: 'basic', username: '{{USER}}', password: '{{PASS}}' }, values);
    assert.deepEqual(basic.findings, []);
    assert.ok(basic.plan?.type === 'basic');
    assert.equal(basic.plan.username(), 'ada');
    assert.equal(basic.plan.password(), 's3cret');

    const bearer = compile({ type: 'bearer', token: 't-{{KEY}}' }, values).plan;
    assert.ok(bearer?.type === 'bearer');
    assert.equal(bearer.token(), 't-k');

    const key = compile({ type: 'apikey', key: 'X-Key', value: '{{PASS}}' }, values).plan;
    assert.ok(key?.type === 'apikey');
    assert.deepEqual([key.key, key.value(), key.placement], ['X-Key', 's3cret', 'header']);
    const older = compile({ type: 'apikey', name: 'k', value: 'v', in: 'query' }).plan;
    assert.ok(older?.type === 'apikey');
    assert.deepEqual([older.key, older.placement], ['k', 'query']);

    const digest = compile({ type: 'digest', username: 'a:b', password: 'p' }).plan;
    assert.equal(digest?.type, 'digest');
  });

  test('oauth2 takes its audience from the resource, and needs a client for introspection', () => {
    const block = {
      type: 'oauth2',
      authorizationServerUri: 'https://id.example/{{REALM}}',
      resource: 'https://api.example/',
      scopes: ['read', '{{SCOPE}}'],
    };
    const { plan, findings } = compile(block, { REALM: 'r', SCOPE: 'write' });
    assert.deepEqual(findings, []);
    assert.deepEqual(plan, {
      type: 'oauth2',
      issuer: 'https://id.example/r',
      resource: 'https://api.example/',
      audience: 'https://api.example/',
      scopes: ['read', 'write'],
      validation: 'jwks',
    });
    const values = { REALM: 'r', SCOPE: 'w', SECRET: 'sss' };
    const introspected = { ...block, audience: 'api', tokenValidation: 'introspection' };
    const refused = compile(introspected, values);
    assert.equal(refused.plan, undefined);
    assert.deepEqual(refused.findings, [
      `AUTHENTICATION_INCOMPLETE ${AT}: Authentication of type oauth2 needs "clientId", which is missing or empty.`,
      `AUTHENTICATION_INCOMPLETE ${AT}: Authentication of type oauth2 needs "clientSecret", which is missing or empty.`,
    ]);
    const client = { clientId: 'gateway', clientSecret: '{{SECRET}}' };
    const complete = compile({ ...introspected, ...client }, values);
    assert.ok(complete.plan?.type === 'oauth2');
    assert.equal(complete.plan.audience, 'api');
    assert.equal(complete.plan.client?.secret(), 'sss');
    assert.ok(complete.secrets.has('sss'));
  });

  test('a secret that is missing, empty or not filled in refuses the start', () => {
    const cases: [unknown, RegExp][] = [
      [{ type: 'bearer' }, /^AUTHENTICATION_INCOMPLETE .*: .* needs "token", which is missing/],
      [{ type: 'bearer', token: '' }, /needs "token", which is missing or empty/],
      [{ type: 'bearer', token: '   ' }, /needs "token"/],
      [{ type: 'bearer', token: null }, /needs "token"/],
      [{ type: 'bearer', token: '{{EMPTY}}' }, /"token" is empty once its variables are filled in/],
      [{ type: 'bearer', token: '{{UNSET}}' }, /^VARIABLE_MISSING .*\/token$/],
      [
        { type: 'bearer', token: '$env.TOKEN' },
        /text \$env\.TOKEN, which nothing fills in\. Write \{\{TOKEN\}\}/,
      ],
      [{ type: 'bearer', token: '{{LINE}}' }, /"token" holds a line break/],
      [
        { type: 'bearer', token: 'a b' },
        /^VALUE_NOT_ALLOWED .*\/token: A bearer token holds no spaces/,
      ],
      [{ type: 'basic', username: 'a' }, /needs "password"/],
      [{ type: 'basic', password: 'a' }, /needs "username"/],
      [{ type: 'basic', username: 'a:b', password: 'c' }, /holds no colon/],
      [{ type: 'apikey', key: 'X' }, /needs "value"/],
      [{ type: 'apikey', value: 'X' }, /needs "key"/],
      [{ type: 'apikey', key: 'a b', value: 'v' }, /"a b" can be no header name/],
      [{ type: 'apikey', key: 'a', value: ' v' }, /begins or ends with a space/],
      [
        { type: 'apikey', key: 'a', value: 'v', placement: 'cookie' },
        /\/placement: .* header or in the query/,
      ],
      [{ type: 'digest', username: 'a' }, /needs "password"/],
      [{ type: 'oauth2', resource: 'https://a/' }, /needs "authorizationServerUri"/],
      [{ type: 'oauth2', authorizationServerUri: 'https://a/' }, /needs "resource"/],
      [
        { type: 'oauth2', authorizationServerUri: 'a', resource: 'https://a/' },
        /"authorizationServerUri" has to be an http or https address/,
      ],
      [
        { type: 'oauth2', authorizationServerUri: 'https://a/', resource: 'https://a/#f' },
        /"resource" has to be .* without a fragment/,
      ],
      [
        {
          type: 'oauth2',
          authorizationServerUri: 'https://a/',
          resource: 'https://a/',
          scopes: ['a b'],
        },
        /"a b" can be no scope/,
      ],
      [
        {
          type: 'oauth2',
          authorizationServerUri: 'https://a/',
          resource: 'https://a/',
          tokenValidation: 'none',
        },
        /validated by jwks or by introspection/,
      ],
      [{ type: 'kerberos' }, /^VALUE_NOT_ALLOWED .*\/type: Authentication has no type "kerberos"/],
      [{}, /has no type at all/],
      ['bearer', /has no type at all/],
    ];
    for (const [block, pattern] of cases) {
      const { plan, findings } = compile(block, { EMPTY: ' ', LINE: 'abc\n' });
      assert.equal(plan, undefined, JSON.stringify(block));
      assert.equal(findings.length, 1, `${JSON.stringify(block)}: ${findings.join()}`);
      assert.match(findings[0] ?? '', pattern);
    }
  });

  test('secrets are collected for the mask and no print of a plan shows one', () => {
    for (const block of [
      { type: 'basic', username: 'ada', password: 'hunter2' },
      { type: 'digest', username: 'ada', password: 'hunter2' },
      { type: 'bearer', token: 'hunter2' },
      { type: 'apikey', key: 'k', value: 'hunter2' },
    ]) {
      const { plan, secrets } = compile(block);
      assert.ok(secrets.has('hunter2'));
      assert.doesNotMatch(JSON.stringify(plan) + inspect(plan, { depth: 9 }), /hunter2/);
    }
  });
});
