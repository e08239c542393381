import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseUriVariable } from '../../src/compile/base-uri.ts';
import {
  compileOutline,
  compileText,
  ENV,
  findingOf,
  foundOf,
  outlined,
  requestOf,
} from '../support/compile.ts';

const given = (baseUri: string): { baseUris: ReadonlyMap<string, string> } => ({
  baseUris: new Map([['api', baseUri]]),
});

describe('a base URI that does not say where', () => {
  for (const [baseUri, message] of [
    ['', /The base URI is empty\. Give it with --base-uri api=<url>/],
    ['  ', /The base URI is empty/],
    ['/v1', /"\/v1" does not say which host it means: it begins with neither http:\/\/ nor/],
    ['api.example.com/v1', /does not say which host it means/],
    ['localhost:8080', /does not say which host it means/],
    [
      'https://{region}.example.com',
      /"https:\/\/\{region\}\.example\.com" has no value for \{region\}/,
    ],
    ['{FGA_API_URL}', /has no value for \{FGA_API_URL\}/],
    ['https://{{REGION}}.example.com', /has no value for \{\{REGION\}\}/],
  ] as const) {
    test(`${JSON.stringify(baseUri)} stops the start and says which option sets it`, async () => {
      const compiled = await compileText(outlined({ baseUri }));
      const found = findingOf(compiled, 'BASE_URI_INCOMPLETE');
      assert.match(found.message, message);
      assert.match(
        found.message,
        /--base-uri api=<url>, or in the environment as NAFTIKO_BASE_URI_API\./,
      );
      assert.equal(found.pointer, '/capability/consumes/0/baseUri');
      assert.equal(found.line, 8);
      assert.equal(compiled.plan, undefined);
    });

    test(`${JSON.stringify(baseUri)} is served where the option says`, async () => {
      const { tool } = await compileOutline(
        { baseUri, path: '/a' },
        given(' http://127.0.0.1:8/p/ '),
      );
      assert.equal(requestOf(tool).url, 'http://127.0.0.1:8/p/a');
    });
  }
});

describe('a base URI that is no address', () => {
  for (const [baseUri, message] of [
    ['ftp://example.com', /"ftp:\/\/example\.com" is no http or https address/],
    ['file:///etc/passwd', /is no http or https address/],
    ['http://', /"http:\/\/" is not a valid address/],
    ['http://a b', /is not a valid address/],
    ['http://h:99999', /is not a valid address/],
    ['https://user:s3cret@h.example', /"https:\/\/…@h\.example" holds a user name or password/],
    ['https://h.example/v1?key=s3cret', /"https:\/\/h\.example\/v1\?…" has a query or fragment/],
    ['https://h.example/v1#frag', /has a query or fragment/],
  ] as const) {
    test(baseUri, async () => {
      for (const compiled of [
        await compileText(outlined({ baseUri })),
        await compileText(outlined({}), given(baseUri)),
      ]) {
        const found = findingOf(compiled, 'BASE_URI_INVALID');
        assert.match(found.message, message);
        assert.doesNotMatch(found.message, /s3cret/);
        assert.match(found.message, /--base-uri|authentication block|inputParameters/);
      }
    });
  }
});

describe('a base URI with values', () => {
  test('//host means https', async () => {
    const { tool } = await compileOutline({ baseUri: '//h.example/v1' });
    assert.equal(requestOf(tool).url, 'https://h.example/v1/things');
  });

  test('variables come from binds; a value is not looked through for more', async () => {
    const { tool, compiled } = await compileOutline(
      { binds: ENV, baseUri: 'https://{{KEY}}.example.com/{{env.OTHER}}/x' },
      { environment: { KEY: 'eu-west', OTHER: 'path-token' } },
    );
    assert.equal(requestOf(tool).url, 'https://eu-west.example.com/path-token/x/things');
    assert.ok(!compiled.secrets.has('eu-west'), 'a host name is worth showing');
    assert.ok(compiled.secrets.has('path-token'), 'a path may hold a token');
    const braces = await compileOutline(
      { binds: ENV, baseUri: 'https://h.example/{{KEY}}' },
      { environment: { KEY: '{x}' } },
    );
    assert.equal(requestOf(braces.tool).url, 'https://h.example/%7Bx%7D/things');
  });

  test('a missing variable is told as missing, and open ones beside it, too', async () => {
    const compiled = await compileText(
      outlined({ binds: ENV, baseUri: 'https://{{KEY}}.{zone}.example.com' }),
    );
    assert.equal(foundOf(compiled, 'VARIABLE_MISSING').length, 1);
    assert.match(findingOf(compiled, 'BASE_URI_INCOMPLETE').message, /\{zone\}/);
  });

  test('the option wins over what is written, however wrong that is', async () => {
    const { tool } = await compileOutline({ baseUri: 'https://{{KEY' }, given('http://h.example'));
    assert.equal(requestOf(tool).url, 'http://h.example/things');
    const compiled = await compileText(outlined({ baseUri: 'https://{{KEY' }));
    assert.match(findingOf(compiled, 'TEMPLATE_INVALID').message, /never closed/);
  });

  test('its environment variable is the namespace in capitals', () => {
    assert.equal(baseUriVariable('koyeb-sessions.v1'), 'NAFTIKO_BASE_URI_KOYEB_SESSIONS_V1');
  });
});
