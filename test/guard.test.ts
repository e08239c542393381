import assert from 'node:assert/strict';
import test from 'node:test';
import { createGuard, type GuardOptions } from '../src/guard.ts';

const guard = (options: Partial<GuardOptions> = {}) => {
  const check = createGuard({
    allowedHosts: [],
    allowedOrigins: [],
    loopback: true,
    ...options,
  });
  return (host: string | undefined, origin?: string): string | undefined =>
    check({
      headers: {
        ...(host === undefined ? {} : { host }),
        ...(origin === undefined ? {} : { origin }),
      },
    });
};

test('on loopback only hosts of this machine, or allowed ones, pass', () => {
  const check = guard({ allowedHosts: ['gateway.test', 'other.test:8080'] });
  for (const host of ['localhost:9090', '127.0.0.1', '[::1]:1', 'LOCALHOST', 'gateway.test:5']) {
    assert.equal(check(host), undefined, host);
  }
  assert.equal(check('other.test:8080'), undefined);
  for (const host of [
    'evil.test',
    'localhost.evil.test',
    'other.test:1',
    '127.0.0.1.evil.test',
    '',
  ]) {
    assert.match(String(check(host)), /is not one this gateway answers to/, host);
  }
  assert.match(String(check(undefined)), /^The host "" is not one/);
});

test('elsewhere every host passes unless some are allowed', () => {
  assert.equal(guard({ loopback: false })('anything.test'), undefined);
  const check = guard({ loopback: false, allowedHosts: ['gateway.test'] });
  assert.equal(check('gateway.test'), undefined);
  assert.match(String(check('localhost')), /is not one this gateway answers to/);
});

test('an origin must be allowed or of this machine; none at all passes', () => {
  const check = guard({ allowedOrigins: ['https://App.test/'] });
  for (const origin of ['http://localhost:6274', 'https://[::1]', 'https://app.test']) {
    assert.equal(check('localhost', origin), undefined, origin);
  }
  for (const origin of ['https://evil.test', 'null', 'https://app.test:8443', 'file://localhost']) {
    assert.match(
      String(check('localhost', origin)),
      /^The origin ".*" is not allowed here/,
      origin,
    );
  }
  assert.equal(guard({ allowedOrigins: ['*'] })('localhost', 'https://evil.test'), undefined);
  assert.equal(guard({ allowedOrigins: ['null'] })('localhost', 'null'), undefined);
});
