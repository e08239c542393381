import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FORMATS, isUnlisted, schemaFileOf } from '../../src/format/format.ts';
import { failure, read, why } from './support.ts';

describe('the charset of an answer', () => {
  const latin = Buffer.from('é', 'latin1');

  test('is what its content type says', async () => {
    assert.equal(await read('text', latin, 'text/plain; charset=iso-8859-1'), 'é');
    assert.equal(await read('text', latin, 'text/plain;format=flowed;CHARSET="windows-1252"'), 'é');
    assert.equal(await read('json', Buffer.from('"é"', 'latin1'), 'x/y; charset=latin1'), 'é');
  });

  test('is what a byte order mark says before that', async () => {
    assert.equal(
      await read('text', Buffer.from('\ufeffé', 'utf16le'), 'text/plain;charset=ascii'),
      'é',
    );
    assert.deepEqual(await read('json', '\ufeff{}'), {});
  });

  test('is UTF-8 when nobody says', async () => {
    assert.equal(await read('text', 'é'), 'é');
    assert.equal(await read('text', latin), '\ufffd');
  });

  test('makes no difference to characters of any length', async () => {
    const said = { Zoë: 'é', euro: '€', clef: '𝄞', plain: 'a', nothing: '', nul: '\0' };
    assert.deepEqual(await read('json', JSON.stringify(said)), said);
    const text = JSON.stringify(Array.from({ length: 5_000 }, () => said));
    assert.deepEqual(await read('json', text), JSON.parse(text));
  });

  test('is taken for UTF-8 when nobody knows it, unless the bytes are not', async () => {
    assert.equal(await read('json', '"é"', 'application/json; charset=utf8mb4'), 'é');
    assert.match(
      await failure('text', latin, 'text/plain; charset=klingon'),
      /^The answer cannot be read as text: its charset is not known\.$/,
    );
  });

  test('is held to in formats that are UTF-8 by themselves', async () => {
    const body = Buffer.from('"é"', 'latin1');
    for (const format of ['json', 'yaml', 'xml']) {
      assert.match(await failure(format, body), /it is not text in utf-8\.$/);
    }
  });
});

describe('json', () => {
  test('is read', async () => {
    assert.deepEqual(await read('JSON', ' {"a": [1, null]} '), { a: [1, null] });
  });

  test('keeps a member of a prototype name to itself', async () => {
    const value = await read('json', '{"__proto__": {"admin": true}}');
    assert.equal((value as { admin?: unknown }).admin, undefined);
    assert.deepEqual(Object.keys(value as object), ['__proto__']);
  });

  test('says what is wrong without showing any of it', async () => {
    assert.equal(
      await failure('json', '{"token": sk-secret}'),
      'The answer cannot be read as json: it is no valid JSON.',
    );
    assert.match(await failure('json', ' '), /it is empty/);
  });

  test('is nested at most two hundred levels deep', async () => {
    const nested = (levels: number) => `${'['.repeat(levels)}"]["${']'.repeat(levels)}`;
    assert.ok(Array.isArray(await read('json', nested(200))));
    assert.match(await failure('json', nested(201)), /nested more than 200 levels deep/);
    assert.match(await failure('json', nested(1_000_000)), /nested more than 200 levels deep/);
    const mixed = `{"Zoë":${'[{"a":'.repeat(100)}1${'}]'.repeat(100)}}`;
    assert.match(await failure('json', mixed), /nested more than 200 levels deep/);
    const wide = `{"€":[${'{"[{":[]},'.repeat(500)}0]}`;
    assert.equal(((await read('json', wide)) as { '€': unknown[] })['€'].length, 501);
    const brackets = JSON.stringify([`${'['.repeat(500)}\\"${'{'.repeat(500)}`, '\\', '[']);
    assert.deepEqual(await read('json', brackets), JSON.parse(brackets));
  });
});

describe('formats', () => {
  test('are the twelve that are known', async () => {
    assert.equal(FORMATS.length, 12);
    assert.match(
      await why({ format: 'toml' }),
      /^"toml" is no format .* known are json, xml, yaml/,
    );
  });

  test('binary is base64 for whoever needs it in a tree', async () => {
    assert.equal(await read('binary', Buffer.from([0, 255])), 'AP8=');
  });

  test('say which file they need, and which message of it', () => {
    assert.deepEqual(schemaFileOf({ format: 'protobuf', outputSchema: 'a/b.proto#x.Y' }), {
      file: 'a/b.proto',
      message: 'x.Y',
    });
    assert.deepEqual(schemaFileOf({ format: 'Avro', outputSchema: 'a.avsc' }), { file: 'a.avsc' });
    assert.equal(schemaFileOf({ format: 'html', outputSchema: '#prices' }), undefined);
    assert.equal(schemaFileOf({ format: 'avro' }), undefined);
  });

  test('say whether one alone may be a list of one', () => {
    assert.deepEqual(FORMATS.filter(isUnlisted), ['xml', 'avro']);
  });
});
