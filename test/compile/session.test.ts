import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDuration } from '../../src/auth/duration.ts';
import { onOurClock, readJwtEnd, readLife, readTime } from '../../src/auth/session-expiry.ts';
import type { Compiled } from '../../src/compile/compile.ts';
import type { SessionPlan } from '../../src/plan/outbound.ts';
import { compileText } from '../support/compile.ts';

interface Parts {
  readonly session?: object;
  /** Members of the operations, by name. */
  readonly operations?: Readonly<Record<string, object>>;
  /** The authentication of the other API. */
  readonly other?: object;
}

const plain = {
  type: 'session',
  login: { operation: 'log-in', with: { user: 'me', password: 'secret-word' } },
  values: { token: '$.token' },
  inject: [{ in: 'header', name: 'X-Token', value: '{{session.token}}' }],
};

function compile({ session = {}, operations = {}, other }: Parts = {}): Promise<Compiled> {
  const parameter = (name: string, place = 'body') => ({ name, in: place, required: true });
  const named = (name: string, method: string, inputParameters: readonly object[] = []) => ({
    path: `/${name}`,
    operations: [{ name, method, inputParameters, ...operations[name] }],
  });
  const tool = (name: string) => ({ name, description: name, call: `api.${name}` });
  return compileText(
    JSON.stringify({
      naftiko: '1.0.0-alpha2',
      capability: {
        consumes: [
          {
            type: 'http',
            namespace: 'api',
            baseUri: 'https://api.example.com',
            authentication: { ...plain, ...session },
            resources: [
              named('log-in', 'POST', [parameter('user'), parameter('password')]),
              named('log-out', 'POST'),
              named('list', 'GET'),
            ],
          },
          {
            type: 'http',
            namespace: 'other',
            baseUri: 'https://other.example.com',
            ...(other === undefined ? {} : { authentication: other }),
            resources: [named('enter', 'POST'), named('leave', 'POST')],
          },
        ],
        exposes: [
          {
            type: 'mcp',
            namespace: 'tools',
            port: 9090,
            tools: ['log-in', 'log-out', 'list'].map(tool),
          },
        ],
      },
    }),
  );
}

const told = ({ findings }: Compiled): string[] =>
  findings.map(({ code, pointer, message }) => {
    const at = pointer.replace('/capability/consumes/0/authentication', '');
    return `${code} ${at} ${message}`;
  });

/** What one tool is sent with. */
function credentialOf(compiled: Compiled, tool: string) {
  const [face] = compiled.draft.faces;
  assert.ok(face?.face === 'mcp');
  const plan = face.tools.find(({ definition }) => definition.name === tool);
  return plan?.operation.steps[0]?.build({ input: {}, steps: {} }).credential;
}

describe('a session as the file has it', () => {
  test('is part of all requests but those that log in, and of that which logs out', async () => {
    const compiled = await compile({ session: { logout: 'log-out' } });
    assert.deepEqual(told(compiled), []);
    assert.equal(credentialOf(compiled, 'list')?.type, 'session');
    assert.equal(credentialOf(compiled, 'log-in'), undefined);
    const ending = credentialOf(compiled, 'log-out');
    assert.ok(ending?.type === 'session-end');
    assert.equal(ending.session, credentialOf(compiled, 'list'));
    assert.ok(compiled.secrets.has('secret-word') && !compiled.secrets.has('me'));
    assert.deepEqual(compiled.draft.consumes[0]?.session, {
      login: 'api.log-in',
      logout: ['api.log-out'],
      values: ['token'],
      sent: [{ in: 'header', name: 'X-Token' }],
      renewOn: [401],
    });
  });

  test('authentication: none keeps it from an operation', async () => {
    const compiled = await compile({ operations: { list: { authentication: 'none' } } });
    assert.deepEqual(told(compiled), []);
    assert.equal(credentialOf(compiled, 'list'), undefined);
  });

  test('a login may be named alone, and stand in another API', async () => {
    for (const login of ['other.enter', 'api.log-in', 'log-in']) {
      const compiled = await compile({
        session: { login, with: login === 'other.enter' ? {} : plain.login.with },
        other: { type: 'bearer', token: 'a-token' },
      });
      assert.deepEqual(told(compiled), []);
    }
  });

  test('no session is opened where the mock answers', async () => {
    const compiled = await compile();
    assert.ok(credentialOf(compiled, 'list'));
    const text = JSON.stringify({
      naftiko: '1.0.0-alpha2',
      capability: {
        consumes: [
          {
            namespace: 'api',
            baseUri: 'https://api.example.com',
            authentication: { ...plain, login: 'list' },
            resources: [{ path: '/', operations: [{ name: 'list' }] }],
          },
        ],
        exposes: [
          {
            type: 'mcp',
            namespace: 'tools',
            port: 9090,
            tools: [{ name: 'list', description: 'l', call: 'api.list' }],
          },
        ],
      },
    });
    assert.equal(
      credentialOf(await compileText(text, { inventVariables: true }), 'list'),
      undefined,
    );
  });

  for (const [what, session, finding] of [
    [
      'an unknown login',
      { login: 'log-inn' },
      /^CALL_UNKNOWN \/login "log-inn" names no consumed operation/,
    ],
    ['an unknown logout', { logout: ['log-out', 'leaf'] }, /^CALL_UNKNOWN \/logout\/1 /],
    [
      'a logout of another API',
      { logout: 'other.leave' },
      /^VALUE_NOT_ALLOWED \/logout other\.leave is no operation of api/,
    ],
    [
      'a parameter without a value',
      { login: { operation: 'log-in', with: { user: 'me' } } },
      /^AUTHENTICATION_INCOMPLETE \/login\/operation api\.log-in needs a value for "password"/,
    ],
    [
      'a value that is no parameter',
      { login: { operation: 'log-in', with: { ...plain.login.with, pin: 1 } } },
      /^WITH_TARGET_UNKNOWN \/login\/with\/pin /,
    ],
    [
      'a caller at a login',
      { login: { operation: 'log-in', with: { ...plain.login.with, user: '{{name}}' } } },
      /^VARIABLE_UNKNOWN \/login\/with\/user .*no caller is there/,
    ],
    [
      'a session value that there is none of',
      { inject: [{ in: 'query', name: 'x', value: '{{session.csrf}}' }] },
      /^VARIABLE_UNKNOWN \/inject\/0\/value .*\(session\.token\)/,
    ],
    [
      'a header that is not to be set',
      { inject: [{ in: 'header', name: 'Host', value: 'x' }] },
      /^AUTHENTICATION_INCOMPLETE \/inject\/0\/name /,
    ],
    [
      'what changes with each request',
      { inject: [{ in: 'header', name: 'X', value: '{{uuid()}}' }] },
      /^TEMPLATE_INVALID \/inject\/0\/value uuid gives another value/,
    ],
    [
      'a path that cannot be read',
      { values: { token: '$.[' } },
      /^JSONPATH_INVALID \/values\/token /,
    ],
    ['a success that cannot be read', { success: { '$.[': 1 } }, /^JSONPATH_INVALID \/success/],
    [
      'a life that is no time',
      { expires: { in: 'soon' } },
      /^VALUE_NOT_ALLOWED \/expires\/in "soon" is no time: .*\$\.expires_in/,
    ],
    ['a life of nothing', { expires: { in: 'PT0S' } }, /^VALUE_NOT_ALLOWED \/expires\/in /],
    [
      'a JWT that is no value',
      { expires: { jwt: 'tokn' } },
      /^REFERENCE_UNKNOWN \/expires\/jwt "tokn" is none of the values/,
    ],
    [
      'a renewal at no time',
      { renewEarly: 'P1M' },
      /^VALUE_NOT_ALLOWED \/renewEarly "P1M" is no time/,
    ],
    [
      'a key that is unknown',
      { ttl: 3 },
      /^KEY_UNKNOWN \/ttl "ttl" has no meaning in a session authentication/,
    ],
  ] as const) {
    test(`${what} is a finding`, async () => {
      const all = told(await compile({ session }));
      assert.ok(
        all.some((each) => finding.test(each)),
        all.join('\n'),
      );
      assert.equal(all.length, 1, all.join('\n'));
    });
  }

  test('what the schema refuses is told in words', async () => {
    for (const [session, message] of [
      [{ expires: { in: 'PT1S', jwt: 'token' } }, /takes only 1 of in, at, jwt/],
      [{ renewOn: [200] }, /is 200, but has to be at least 300/],
      [{ values: {} }, /is empty, but needs an entry/],
    ] as const)
      await assert.rejects(compile({ session }), message);
  });

  test('what needs a session or a caller itself cannot log in', async () => {
    for (const other of [
      { ...plain, login: 'leave', inject: plain.inject },
      { type: 'caller', header: 'X-Key' },
    ]) {
      const all = told(await compile({ session: { login: 'other.enter' }, other }));
      assert.match(
        all.join('\n'),
        /^VALUE_NOT_ALLOWED \/login other\.enter needs a credential of type/,
      );
    }
  });
});

describe('a session as an answer has it', () => {
  const answer = async (session: object, body: unknown, headers: readonly string[] = []) => {
    const compiled = await compile({ session });
    assert.deepEqual(told(compiled), []);
    const { login, inject } = credentialOf(compiled, 'list') as SessionPlan;
    const given = { body: body as never, headers };
    const values = Object.fromEntries(login.values.map(({ name, pick }) => [name, pick(given)]));
    const shown = inject.map(({ write }) => write({ input: values, steps: {} }, assert.fail));
    return { values, shown, login, given };
  };

  test('values come from the body, headers and cookies, and go to all three', async () => {
    const { shown } = await answer(
      {
        values: { id: '$.id', token: { header: 'X-Token' }, sid: { cookie: 'sid' }, odd: '$.odd' },
        inject: [
          { in: 'header', name: 'X-Id', value: '{{session.id}}' },
          {
            in: 'header',
            name: 'X-Basic',
            value: 'Token {{base64(session.id, ":", session.token)}}',
          },
          { in: 'query', name: 'a b', value: '{{session.token}}&' },
          { in: 'cookie', name: 'sid', value: '{{session.sid}}' },
          { in: 'cookie', name: 'odd', value: '{{session.odd}}' },
        ],
      },
      { id: 7, odd: 'a;b' },
      ['x-token', 'tok', 'set-cookie', 'sid=old', 'set-cookie', 'sid="a%3Db=="; Path=/', 'x', 'y'],
    );
    assert.deepEqual(shown, [
      '7',
      `Token ${Buffer.from('7:tok').toString('base64')}`,
      'a%20b=tok%26',
      'sid=a%3Db==',
      'odd=a%3Bb',
    ]);
  });

  test('success is what the file says, whatever its type', async () => {
    const { login } = await answer(
      { success: { '$.status': ['OK', 1], '$.done': true } },
      { token: 'x' },
    );
    const isMet = (body: object) =>
      login.success.every((each) => each.isMet({ body: body as never, headers: [] }));
    assert.ok(isMet({ status: 'OK', done: true }) && isMet({ status: 1, done: 'true' }));
    assert.ok(!isMet({ status: 'ERROR', done: true }) && !isMet({ status: 'OK' }));
  });

  test('the clock of the API need not be right', () => {
    const asked = Date.parse('2026-01-01T00:00:00Z');
    const hour = 3_600_000;
    const date = (ahead: number) => ['x', 'date', 'date', new Date(asked + ahead).toUTCString()];
    assert.equal(onOurClock(asked + 3 * hour, date(2 * hour), asked), asked + hour);
    assert.equal(onOurClock(asked + hour, date(-hour), asked), asked + 2 * hour);
    assert.equal(onOurClock(asked + hour, date(2000), asked), asked + hour);
    assert.equal(onOurClock(asked + hour, ['date', 'today'], asked), asked + hour);
    assert.equal(onOurClock(asked + hour, [], asked), asked + hour);
  });

  test('times, lives and durations are read as they are written', () => {
    const time = Date.parse('2026-01-01T12:00:00Z');
    for (const written of [
      '2026-01-01T12:00:00Z',
      '2026-01-01T13:00:00+01:00',
      '2026-01-01T12:00:00',
    ])
      assert.equal(readTime(written), time, written);
    for (const written of [time, `${time}`, time / 1000, `${time / 1000}`])
      assert.equal(readTime(written), time);
    for (const written of ['', 'soon', null, {}, true]) assert.equal(readTime(written), undefined);
    assert.deepEqual([1800, '1800', 0.5].map(readLife), [1_800_000, 1_800_000, 500]);
    assert.deepEqual([0, -1, '', 'x', null].map(readLife), [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const durations = ['PT30M', 'P1DT2H', 'PT1H2M3.5S', 'PT10S'].map(readDuration);
    assert.deepEqual(durations, [1_800_000, 93_600_000, 3_723_500, 10_000]);
    assert.ok(
      ['P', 'PT', '', '30M', 'P1M', 'PT-1S', 'P1Y'].every(
        (text) => readDuration(text) === undefined,
      ),
    );
    const jwt = (claims: unknown) =>
      `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
    assert.equal(readJwtEnd(jwt({ exp: 12 })), 12_000);
    for (const token of [jwt({}), jwt(null), jwt({ exp: '12' }), 'x.y.z', 'opaque', undefined, 7])
      assert.equal(readJwtEnd(token), undefined);
  });
});
