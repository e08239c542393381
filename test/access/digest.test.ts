import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DigestRequest, digestAuthorization } from '../../src/access/digest-answer.ts';
import { createDigestSession } from '../../src/access/digest-session.ts';
import { createNonces } from '../../src/access/nonces.ts';
import { type Ask, serveBehind } from './serving.ts';

const PLAN = {
  type: 'digest',
  username: () => 'Jäsøn Doe',
  password: () => 'Secret, or not?',
} as const;
const ADA = { type: 'digest', username: () => 'ada', password: () => 'se"cr\\et' } as const;
const CREDENTIAL = { username: 'ada', password: 'se"cr\\et' };

async function challengeOf(ask: Ask, algorithm = 'SHA-256'): Promise<string> {
  const { challenges } = await ask();
  return challenges.find((challenge) => challenge.includes(`algorithm=${algorithm},`)) ?? '';
}

function answer(challenge: string, request: Partial<DigestRequest> = {}): string {
  const complete = { ...CREDENTIAL, method: 'GET', uri: '/', ...request };
  return digestAuthorization(challenge, complete) ?? '';
}

describe('digest towards callers', () => {
  test('offers SHA-256 before MD5, each with its own nonce', async (t) => {
    const ask = await serveBehind(t, ADA);
    const { status, challenges, code } = await ask();
    assert.equal(status, 401);
    assert.equal(code, 'UNAUTHENTICATED');
    assert.equal(challenges.length, 2);
    assert.match(
      challenges[0] ?? '',
      /^Digest realm="naftiko", qop="auth", algorithm=SHA-256, nonce="[\w.-]+", charset=UTF-8$/,
    );
    assert.match(challenges[1] ?? '', /algorithm=MD5/);
    const nonces = challenges.map((challenge) => /nonce="([^"]+)"/.exec(challenge)?.[1]);
    assert.notEqual(nonces[0], nonces[1]);
  });

  test('takes a right answer in either algorithm, for its own method and path', async (t) => {
    const ask = await serveBehind(t, ADA);
    for (const algorithm of ['SHA-256', 'MD5']) {
      const uri = '/a/b?x=1,2&y="';
      const authorization = answer(await challengeOf(ask, algorithm), { uri, method: 'POST' });
      const call = { path: uri, method: 'POST', headers: { authorization } };
      assert.equal((await ask(call)).status, 200, algorithm);
    }
  });

  test('takes names outside ASCII, in the extended form and as bytes', async (t) => {
    const ask = await serveBehind(t, PLAN);
    const credential = { username: 'Jäsøn Doe', password: 'Secret, or not?' };
    const extended = answer(await challengeOf(ask), credential);
    assert.match(extended, /username\*=UTF-8''J%C3%A4s%C3%B8n%20Doe/);
    assert.equal((await ask({ headers: { authorization: extended } })).status, 200);
    const plain = answer(await challengeOf(ask), credential).replace(
      /username\*=[^,]+/,
      `username="${Buffer.from('Jäsøn Doe').toString('latin1')}"`,
    );
    assert.equal((await ask({ headers: { authorization: plain } })).status, 200);
  });

  test('a captured answer is of no use: not again, not elsewhere, not changed', async (t) => {
    const ask = await serveBehind(t, ADA);
    const challenge = await challengeOf(ask);
    const authorization = answer(challenge, { uri: '/a' });
    assert.equal((await ask({ path: '/a', headers: { authorization } })).status, 200);
    const again = await ask({ path: '/a', headers: { authorization } });
    assert.equal(again.status, 401);
    assert.match(again.challenges[0] ?? '', /, stale=true$/);
    const other = answer(challenge, { uri: '/a', count: 2 });
    const changes: [string, string, string?][] = [
      ['/b', other],
      ['/a?x', other],
      ['/a', other, 'DELETE'],
      ['/a', other.replace('nc=00000002', 'nc=00000003')],
      ['/a', other.replace('uri="/a"', 'uri="/b"')],
      ['/a', other.replace('realm="naftiko"', 'realm="other"')],
      ['/a', other.replace('qop=auth, ', '')],
      ['/a', other.replace(/cnonce="[^"]*"/, 'cnonce=""')],
      ['/a', other.replace('algorithm=SHA-256', 'algorithm=MD5')],
      ['/a', other.replace('algorithm=SHA-256', 'algorithm=SHA-1')],
      ['/a', other.replace('username="ada"', 'username="eve"')],
      ['/a', other.replace(/response="[^"]*"/, 'response=""')],
      ['/a', 'Digest'],
      ['/a', 'Digest a=b'],
      ['/a', 'Basic YWRhOnNl'],
    ];
    for (const [path, changed, method = 'GET'] of changes) {
      const reply = await ask({ path, method, headers: { authorization: changed } });
      assert.equal(reply.status, 401, changed);
      assert.doesNotMatch(reply.challenges.join(), /stale/, changed);
    }
    const fresh = await ask({ path: '/a', headers: { authorization: other } });
    assert.equal(fresh.status, 200);
  });

  test('the wrong password, and a nonce made up or too old', async (t) => {
    let now = 1_000_000;
    const ask = await serveBehind(t, ADA, { now: () => now });
    const challenge = await challengeOf(ask);
    const wrong = await ask({ headers: { authorization: answer(challenge, { password: 'x' }) } });
    assert.equal(wrong.status, 401);
    assert.doesNotMatch(wrong.challenges.join(), /stale/);
    assert.match(wrong.message, /user name or the password is wrong/);
    const forged = challenge.replace(/nonce="[^"]*"/, 'nonce="aaaa.bbbb.cccc"');
    const made = await ask({ headers: { authorization: answer(forged) } });
    assert.equal(made.status, 401);
    assert.match(made.challenges.join(), /stale=true/);
    now += 5 * 60_000;
    const old = await ask({ headers: { authorization: answer(challenge) } });
    assert.equal(old.status, 401);
    assert.match(old.challenges.join(), /stale=true/);
  });

  test('counts may overtake each other a little, and none counts twice', () => {
    const nonces = createNonces({ lifetimeMs: 1000, most: 10, now: () => 5 });
    const nonce = nonces.issue();
    assert.deepEqual(
      [1, 3, 2, 3, 2, 100, 37, 36, 100, 0, -1, Number.NaN].map((count) => nonces.use(nonce, count)),
      [true, true, true, false, false, true, true, false, false, false, false, false],
    );
  });

  test('remembers so many nonces, and takes back none it forgot', () => {
    let now = 0;
    const nonces = createNonces({ lifetimeMs: 1000, most: 2, now: () => now });
    const made = [0, 1, 2, 3].map((time) => {
      now = time;
      return nonces.issue();
    });
    assert.deepEqual(
      made.map((nonce) => nonces.use(nonce, 1)),
      [true, true, true, true],
    );
    assert.deepEqual(
      made.map((nonce) => nonces.use(nonce, 1)),
      [false, false, false, false],
    );
    assert.deepEqual(
      made.map((nonce) => nonces.use(nonce, 2)),
      [false, false, true, true],
    );
  });
});

describe('digest towards a consumed API', () => {
  // The examples of RFC 7616, sections 3.9.1 and 3.9.2.
  const mufasa = {
    username: 'Mufasa',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  const challenges = ['SHA-256', 'MD5'].map(
    (algorithm) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
  );

  test('the examples of the RFC', () => {
    const [sha, md5] = challenges as [string, string];
    assert.match(
      digestAuthorization(sha, mufasa) ?? '',
      /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", algorithm=SHA-256, qop=auth, nc=00000001, .*opaque="FQhe/,
    );
    assert.match(
      digestAuthorization(md5, mufasa) ?? '',
      /response="8ca523f5e9506fed4657c9700eebdbec"/,
    );
    const hashed = digestAuthorization(
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
      {
        username: 'J\u00e4s\u00f8n Doe',
        password: 'Secret, or not?',
        method: 'GET',
        uri: '/doe.json',
        cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm',
      },
    );
    // As erratum 4897 corrects it.
    assert.match(
      hashed ?? '',
      /^Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", .*userhash=true$/,
    );
  });

  test('takes the best of several challenges, in one value or among other schemes', () => {
    const header = `Basic realm="x", ${challenges[1]}, ${challenges[0]}, Bearer`;
    assert.match(digestAuthorization(header, mufasa) ?? '', /algorithm=SHA-256/);
  });

  test('old servers, session algorithms, bodies, and challenges it cannot answer', () => {
    const request = { username: 'u', password: 'p', method: 'POST', uri: '/x', cnonce: 'c' };
    const old = digestAuthorization('Digest realm="r", nonce="n"', request) ?? '';
    assert.match(
      old,
      /^Digest username="u", realm="r", nonce="n", uri="\/x", response="[\da-f]{32}"$/,
    );
    const session = 'Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"';
    assert.match(digestAuthorization(session, request) ?? '', /algorithm=MD5-sess, qop=auth, nc=/);
    assert.notEqual(
      digestAuthorization(session, request),
      digestAuthorization(session.replace('-sess', ''), request),
    );
    const whole = 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth-int"';
    const bodies = ['a', 'b'].map((body) => digestAuthorization(whole, { ...request, body }));
    assert.match(bodies[0] ?? '', /qop=auth-int/);
    assert.notEqual(bodies[0], bodies[1]);
    for (const unusable of [
      '',
      'Basic realm="r"',
      'Digest',
      'Digest realm="r"',
      'Digest nonce="n"',
      'Digest realm="r", nonce="n", algorithm=SHA-3',
      'Digest realm="r", nonce="n", qop="other"',
    ])
      assert.equal(digestAuthorization(unusable, request), undefined, unusable);
  });

  test('names with quotes and nothing that could split the header', () => {
    const header = digestAuthorization('Digest realm="a\\"b", nonce="n\\\\"', {
      username: 'x", uri="/evil\r\nX: y',
      password: 'p',
      method: 'GET',
      uri: '/',
    });
    assert.match(
      header ?? '',
      /username\*=UTF-8''x%22%2C%20uri%3D%22%2Fevil%0D%0AX%3A%20y, realm="a\\"b", nonce="n\\\\"/,
    );
  });

  test('a session answers ahead, follows new nonces, and gives up on a wrong password', async (t) => {
    const ask = await serveBehind(t, ADA);
    const session = createDigestSession('ada', 'se"cr\\et');
    const request = { method: 'GET', uri: '/' };
    assert.equal(session.authorize(request), undefined);
    const first = await ask();
    assert.equal(session.challenged(first.challenges.join(', '), undefined), true);
    for (let turn = 0; turn < 3; turn++) {
      const authorization = session.authorize(request) ?? '';
      assert.equal((await ask({ headers: { authorization } })).status, 200);
    }
    const used = session.authorize(request) ?? '';
    await ask({ headers: { authorization: used } });
    const replayed = await ask({ headers: { authorization: used } });
    assert.equal(session.challenged(replayed.challenges.join(', '), used), true);
    const renewed = session.authorize(request) ?? '';
    assert.equal((await ask({ headers: { authorization: renewed } })).status, 200);

    const stranger = createDigestSession('ada', 'wrong');
    assert.equal(stranger.challenged((await ask()).challenges.join(', '), undefined), true);
    const authorization = stranger.authorize(request) ?? '';
    const refused = await ask({ headers: { authorization } });
    assert.equal(stranger.challenged(refused.challenges.join(', '), authorization), false);
    assert.equal(stranger.challenged('Basic realm="x"', undefined), false);
  });
});
