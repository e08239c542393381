import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAuthHeader, quote } from '../../src/access/auth-header.ts';

const parsed = (text: string) =>
  parseAuthHeader(text).map(({ scheme, token, params }) => [
    scheme,
    token,
    Object.fromEntries(params),
  ]);

test('challenges and credentials are split as they are meant', () => {
  const cases: [string, unknown[]][] = [
    ['', []],
    ['Basic Zm9v==', [['basic', 'Zm9v==', {}]]],
    ['Negotiate', [['negotiate', '', {}]]],
    ['Bearer realm="a, b=c", error=x', [['bearer', '', { realm: 'a, b=c', error: 'x' }]]],
    ['Digest A = "q\\"\\\\" ,b=2', [['digest', '', { a: 'q"\\', b: '2' }]]],
    [
      'Basic realm="x", Digest realm="y", nonce=n, NTLM',
      [
        ['basic', '', { realm: 'x' }],
        ['digest', '', { realm: 'y', nonce: 'n' }],
        ['ntlm', '', {}],
      ],
    ],
    [
      'Negotiate abc=, Basic realm="x"',
      [
        ['negotiate', 'abc=', {}],
        ['basic', '', { realm: 'x' }],
      ],
    ],
    [', ,Basic realm=x,,', [['basic', '', { realm: 'x' }]]],
    ['Digest a=1, a=2', [['digest', '', { a: '1' }]]],
    ['Digest a="unclosed', []],
    ['"', []],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parsed(text), expected, text);
});

test('any text ends, and any quoted text comes back', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseAuthHeader(text);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(parseAuthHeader(`X a=${quote(text)}`)[0]?.params.get('a'), text);
    }),
  );
});
