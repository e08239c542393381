import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locate } from '../../src/document/location.ts';

const cases: readonly (readonly [string, string | { scheme: string }])[] = [
  ['file:///./x.yaml', '/home/me/x.yaml'],
  ['file:///../x.yaml', '/home/x.yaml'],
  ['file://./sub/x.yaml', '/home/me/sub/x.yaml'],
  ['file:./x.yaml', '/home/me/x.yaml'],
  ['file:x.yaml', '/home/me/x.yaml'],
  ['file:///etc/x.yaml', '/etc/x.yaml'],
  ['file:/etc/x.yaml', '/etc/x.yaml'],
  ['file:///./two%20words.yaml', '/home/me/two words.yaml'],
  ['file:///./100%.yaml', '/home/me/100%.yaml'],
  ['./x.yaml', '/home/me/x.yaml'],
  ['/etc/x.yaml', '/etc/x.yaml'],
  ['vault://a/b', { scheme: 'vault' }],
  ['github-secrets://a', { scheme: 'github-secrets' }],
  ['file://host/x.yaml', { scheme: 'file://host' }],
];
for (const [location, expected] of cases) {
  test(`${location} beside /home/me/capability.yaml`, () => {
    const found = locate(location, '/home/me/capability.yaml');
    assert.deepEqual(found, typeof expected === 'string' ? { path: expected } : expected);
  });
}
