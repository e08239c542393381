import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compileOutline,
  compileText,
  ENV,
  findingOf,
  outlined,
  queryOf,
  refusalOf,
  requestOf,
} from '../support/compile.ts';

const environment = { KEY: 'jörg', OTHER: 'pass word' };
const token = (value: unknown) => ({ name: 'Authorization', in: 'header', value });
const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

describe('functions in templates', () => {
  for (const [written, meant] of [
    ['Token {{base64(KEY, ":", OTHER)}}', `Token ${base64('jörg:pass word')}`],
    ["Token {{basic(env.KEY, 'it''s')}}", undefined],
    ['Token {{basic( KEY , OTHER )}}', `Token ${base64('jörg:pass word')}`],
    ['{{urlencode(OTHER)}}', 'pass%20word'],
    ['{{ urlencode(base64(KEY)) }}', encodeURIComponent(base64('jörg'))],
    ['{{json(OTHER)}}', '"pass word"'],
    ['{{base64(\'a\', 1, "b")}}', base64('a1b')],
  ] as const) {
    test(written, async () => {
      const outline = { binds: ENV, parameters: [token(written)] };
      if (meant === undefined) {
        const compiled = await compileText(outlined(outline), { environment });
        assert.match(findingOf(compiled, 'TEMPLATE_INVALID').message, /cannot be read/);
        return;
      }
      const { tool, compiled } = await compileOutline(outline, { environment });
      assert.equal(requestOf(tool).headers.authorization, meant);
      const hidden = written.includes("'a'") || compiled.secrets.has(meant.replace('Token ', ''));
      assert.ok(hidden, 'what is made of a secret is one');
    });
  }

  test('what callers give is computed at each request', async () => {
    const { tool } = await compileOutline({
      parameters: [token('Token {{basic(user, password)}}')],
      declared: [{ name: 'user' }, { name: 'password', required: false }],
    });
    const sent = (input: object) => requestOf(tool, { ...input }).headers.authorization;
    assert.equal(sent({ user: 'a', password: 'b:ü' }), `Token ${base64('a:b:ü')}`);
    assert.equal(sent({ user: 'a' }), undefined, 'what is absent makes the whole absent');
    assert.match(
      refusalOf(() => sent({ user: 'a:b', password: 'c' })),
      /^user must not hold a colon/,
    );
  });

  test('they work in bodies of JSON, and in queries', async () => {
    const { tool } = await compileOutline(
      {
        method: 'POST',
        binds: ENV,
        parameters: [
          { name: 'id', in: 'query', value: '{{uuid()}}' },
          { name: 'at', in: 'query', value: "{{now('seconds')}}" },
          { name: 'day', in: 'query', value: "{{now('date')}}" },
          { name: 'iso', in: 'query', value: '{{now()}}' },
        ],
        operation: {
          body: { type: 'json', data: `{"key": "{{base64(KEY, '!')}}", "at": {{now('seconds')}}}` },
        },
      },
      { environment },
    );
    const [one, other] = [requestOf(tool), requestOf(tool)];
    const body = JSON.parse(one.body ?? '') as { key: string; at: number };
    assert.equal(body.key, base64('jörg!'));
    assert.ok(Number.isInteger(body.at));
    const query = Object.fromEntries(queryOf(one)) as Record<string, string>;
    assert.match(query.id ?? '', /^[\da-f]{8}-[\da-f]{4}-4/);
    assert.notEqual(query.id, Object.fromEntries(queryOf(other)).id);
    assert.match(query.at ?? '', /^\d{10}$/);
    assert.match(query.day ?? '', /^\d{4}-\d\d-\d\d$/);
    assert.match(query.iso ?? '', /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  for (const [written, message, suggestion] of [
    ['{{base46(KEY)}}', /^There is no function "base46"/, 'base64'],
    ['{{constructor(KEY)}}', /^There is no function "constructor"/, undefined],
    ['{{basic(KEY)}}', /^basic takes 2 arguments, and has 1 here/, undefined],
    ["{{basic('a:b', KEY)}}", /^basic: .*must not hold a colon/, undefined],
    ["{{now('century')}}", /^now takes one of "iso"/, undefined],
    ['{{base64(KEY, )}}', /cannot be read/, undefined],
    ['{{base64(KEY) x)}}', /cannot be read/, undefined],
  ] as const) {
    test(`${written} is a finding`, async () => {
      const outline = { binds: ENV, parameters: [token(written)] };
      const compiled = await compileText(outlined(outline), { environment });
      const finding = findingOf(compiled, 'TEMPLATE_INVALID');
      assert.match(finding.message, message);
      assert.equal(finding.suggestion, suggestion);
    });
  }

  test('a credential is made once, so what changes is refused there', async () => {
    const authentication = { type: 'bearer', token: '{{uuid()}}' };
    const compiled = await compileText(outlined({ consumes: { authentication } }));
    assert.match(findingOf(compiled, 'TEMPLATE_INVALID').message, /another value each time/);
  });

  test('a credential may be computed', async () => {
    const authentication = {
      type: 'apikey',
      key: 'Authorization',
      value: 'Token {{basic(KEY, OTHER)}}',
    };
    const { tool } = await compileOutline(
      { binds: ENV, consumes: { authentication } },
      { environment },
    );
    assert.equal(requestOf(tool).headers.authorization, `Token ${base64('jörg:pass word')}`);
  });
});
