import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../../src/document/load.ts';

const body = '\ncapability: {exposes: []}\n';

const refused: readonly (readonly [string, string, string, RegExp])[] = [
  [
    '0.5, which YAML reads as a number',
    `naftiko: 0.5${body}`,
    '1:10 VERSION_UNKNOWN',
    /version the number 0\.5/,
  ],
  [
    '0.4 in quotes',
    `naftiko: "0.4"${body}`,
    '1:10 VERSION_UNKNOWN',
    /version "0\.4".*say "naftiko: 1\.0\.0-alpha2"/,
  ],
  ['a later version', `naftiko: 1.0.0-beta4${body}`, '1:10 VERSION_UNKNOWN', /"1\.0\.0-beta4"/],
  ['no version', body.trim(), '1:1 VERSION_UNKNOWN', /says no version/],
  ['an empty version', `naftiko:${body}`, '1:1 VERSION_UNKNOWN', /has no value/],
  [
    'a list as version',
    `naftiko: [1]${body}`,
    '1:10 VERSION_UNKNOWN',
    /a list in place of a version/,
  ],
  ['the later language', `ikanos: 1.0.0${body}`, '1:1 VERSION_UNKNOWN', /says "ikanos: 1\.0\.0"/],
  ['a slip in the key', `naftico: 1.0.0-alpha2${body}`, '1:1 VERSION_UNKNOWN', /it has "naftico"/],
  ['an OpenAPI document', 'openapi: 3.1.0\npaths: {}\n', '1:1 NOT_A_CAPABILITY', /another kind/],
  [
    'some other mapping',
    'services: {}\n',
    '1:1 NOT_A_CAPABILITY',
    /neither "naftiko" nor "capability"/,
  ],
  ['a list', '- a\n', '1:1 NOT_A_CAPABILITY', /holds a list/],
  ['prose', 'Dear reader,\nthis is text.\n', '1:1 NOT_A_CAPABILITY', /a single value/],
  ['HTML', '<html><body>404</body></html>\n', '1:1 NOT_A_CAPABILITY', /a single value/],
];
for (const [name, text, place, why] of refused) {
  test(`${name}: one error and no noise`, () => {
    const { document, findings } = loadText('x.yaml', text);
    assert.equal(document, undefined);
    assert.deepEqual(
      findings.map(({ severity, line, column, code }) => `${severity} ${line}:${column} ${code}`),
      [`error ${place}`],
    );
    assert.match(findings[0]?.message ?? '', why);
  });
}

test('the version before is read with a warning', () => {
  const text = `naftiko: 1.0.0-alpha1\ncapability:\n  consumes: [{namespace: a, baseUri: "http://a"}]\n  exposes: [{type: skill, namespace: s, port: 1}]\n`;
  const { document, findings } = loadText('x.yaml', text);
  assert.equal(document?.naftiko, '1.0.0-alpha1');
  assert.deepEqual(
    findings.map(({ severity, code, line }) => `${severity} ${code} ${line}`),
    ['warning VERSION_UNKNOWN 1'],
  );
});
