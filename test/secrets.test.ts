import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMask } from '../src/secrets.ts';

test('a secret is masked in every spelling that text leaves in', () => {
  const secret = `open's (or) "shut" ses+äme*/%!~`;
  const mask = createMask([secret]);
  const strict = encodeURIComponent(secret).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const base64 = Buffer.from(secret).toString('base64');
  const spellings = {
    plain: secret,
    json: JSON.stringify(secret).slice(1, -1),
    encodeURIComponent: encodeURIComponent(secret),
    'RFC 3986': strict,
    'RFC 3986 in lower case': strict.replace(/%../g, (digits) => digits.toLowerCase()),
    form: new URLSearchParams({ key: secret }).toString().slice('key='.length),
    base64,
    'base64 without its end': base64.replace(/=+$/, ''),
    'base64 in a URL': encodeURIComponent(base64),
  };
  for (const [name, spelling] of Object.entries(spellings))
    assert.equal(mask(`a ${spelling} b`), 'a •••• b', name);
});

test('the longest of overlapping secrets is masked as a whole', () => {
  assert.equal(createMask(['sesame', 'sesame-open'])('sesame-open sesame'), '•••• ••••');
});

test('what is too short to be a secret, and broken text, harm nothing', () => {
  assert.equal(createMask(['', 'abc'])('abc'), 'abc');
  assert.equal(createMask(['half\ud800'])('half\ud800 whole'), '•••• whole');
});
