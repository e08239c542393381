import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../../src/document/load.ts';

const body = '\ncapability: {exposes: []}\n';

const refused: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'a version that is not known',
    `naftiko: 2.0${body}`,
    '1:10 VERSION_UNKNOWN',
    /version the number 2.*say "naftiko: 1\.0\.0-alpha2"/,
  ],
  ['another in quotes', `naftiko: "3.1.4"${body}`, '1:10 VERSION_UNKNOWN', /version "3\.1\.4"/],
  [
    'mappings in place of lists',
    'ikanos: 1.0.0-beta4\ncapability:\n  exposes:\n    - {type: mcp, namespace: m, port: 1, tools: {a: {call: x.y}}}\n',
    '4:42 VERSION_UNKNOWN',
    /version 1\.0\.0-beta4 under the key "ikanos".*"tools" is a mapping by name there; write it as a list/,
  ],
  [
    'references outside before there were binds',
    'naftiko: "0.5"\nexternalRefs: []\ncapability: {exposes: []}\n',
    '2:1 VERSION_UNKNOWN',
    /version 0\.5, which is written differently: write "externalRefs" as "binds"/,
  ],
  ['no version', body.trim(), '1:1 VERSION_UNKNOWN', /says no version/],
  ['an empty version', `naftiko:${body}`, '1:1 VERSION_UNKNOWN', /has no value/],
  [
    'a list as version',
    `naftiko: [1]${body}`,
    '1:10 VERSION_UNKNOWN',
    /a list in place of a version/,
  ],
  [
    'a later key without a version',
    `ikanos: {}${body}`,
    '1:9 VERSION_UNKNOWN',
    /"ikanos" holds a mapping/,
  ],
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

const block = 'consumes: [{namespace: a, baseUri: "http://a"}]';
const spellings: readonly (readonly [string, string, RegExp])[] = [
  [
    '0.4 with the expose type of its time',
    `naftiko: "0.4"\ncapability: {${block}, exposes: [{type: api, namespace: r, port: 1, resources: [{path: /, operations: [{method: GET, call: a.b}]}]}]}`,
    /version 0\.4; it is read as 1\.0\.0-alpha2\. Of it "type: api" is "type: rest" here\./,
  ],
  [
    '0.5 as a number',
    `naftiko: 0.5\ncapability: {${block}, exposes: [{type: skill, namespace: s, port: 1}]}`,
    /version 0\.5; it is read as/,
  ],
  [
    'the later language where only names differ',
    `ikanos: 1.0.0-beta4\ninfo: {display: Things, description: d}\ncapability: {consumes: [{from: ./x.yaml, import: x}], exposes: [{type: skill, namespace: s, port: 1}]}`,
    /under the key "ikanos"; it is read as 1\.0\.0-alpha2\. Of it "display" is "label", "from" is "location" here/,
  ],
];
for (const [name, text, why] of spellings) {
  test(`${name} loads with one warning that says what to change`, () => {
    const { document, findings } = loadText('x.yaml', text);
    assert.ok(document !== undefined, JSON.stringify(findings));
    assert.deepEqual(
      findings.map(({ severity, code, line }) => `${severity} ${code} ${line}`),
      ['warning VERSION_UNKNOWN 1'],
    );
    assert.match(findings[0]?.message ?? '', why);
    if (text.includes('display')) assert.equal(document.info?.label, 'Things');
    if (text.includes('api')) assert.equal(document.capability?.exposes?.[0]?.type, 'rest');
  });
}

test("an author's own keys keep their names", () => {
  const text = `ikanos: 1.0.0-beta4\ncapability:\n  consumes: [{namespace: a, baseUri: "http://a", headers: {display: x}, resources: [{path: /, operations: [{name: b, method: POST, body: {type: json, data: {display: 1, target: 2}}}]}]}]\n  exposes: [{type: skill, namespace: s, port: 1}]\n`;
  const { document } = loadText('x.yaml', text);
  assert.match(
    JSON.stringify(document),
    /"headers":\{"display":"x"\}.*"data":\{"display":1,"target":2\}/,
  );
});
