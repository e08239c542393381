import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnvFile } from '../../src/document/bind-file.ts';
import { resolveBinds } from '../../src/document/binds.ts';
import type { CapabilityDocument } from '../../src/document/document.ts';
import { loadText } from '../../src/document/load.ts';
import { folderWith } from './folder.ts';

const head = 'naftiko: 1.0.0-alpha2\ncapability: {exposes: []}\n';

async function resolve(binds: string, environment = {}, path = 'x.yaml') {
  const { document, source, findings } = loadText(path, head + binds);
  assert.equal(findings.filter(({ severity }) => severity === 'error').length, 0);
  return resolveBinds(document as CapabilityDocument, source, environment);
}

test('a bind without location reads the environment under its keys', async () => {
  const { variables, findings } = await resolve(
    'binds: [{namespace: env, keys: {TOKEN: API_TOKEN, NONE: NO_SUCH, BLANK: EMPTY}}]',
    { API_TOKEN: 'abc', EMPTY: '', TOKEN: 'not this one' },
  );
  assert.deepEqual(findings, []);
  const token = {
    namespace: 'env',
    name: 'TOKEN',
    key: 'API_TOKEN',
    value: 'abc',
    from: 'the environment',
    listed: true,
  };
  assert.deepEqual(variables.find('TOKEN'), token);
  assert.deepEqual(variables.find('env.TOKEN'), token);
  assert.equal(variables.find('NONE')?.value, undefined);
  assert.deepEqual(
    [variables.find('BLANK')?.value, variables.find('BLANK')?.empty],
    [undefined, true],
  );
  assert.deepEqual(
    variables.listed.map(({ name }) => name),
    ['TOKEN', 'NONE', 'BLANK'],
  );
});

test('a name that keys do not list is read under its own name, with its namespace only', async () => {
  const { variables } = await resolve('binds: [{namespace: env, keys: {A: A}}]', { USER: 'me' });
  const user = variables.find('env.USER');
  assert.deepEqual([user?.key, user?.value, user?.listed], ['USER', 'me', false]);
  assert.equal(variables.find('env.NOBODY')?.value, undefined);
  assert.equal(variables.find('USER'), undefined);
  assert.equal(variables.find('other.USER'), undefined);
  assert.equal(variables.find('env.'), undefined);
  assert.equal(variables.find('.USER'), undefined);
});

test('names that every object has are no variables', async () => {
  const { variables } = await resolve('binds: [{namespace: env, keys: {A: constructor}}]', {});
  assert.equal(variables.find('A')?.value, undefined);
  assert.equal(variables.find('env.toString')?.value, undefined);
  assert.equal(variables.find('constructor'), undefined);
});

test('values come from JSON, YAML and dotenv files beside the capability', async (t) => {
  const folder = await folderWith(t, {
    'secrets.json': '{"token": "j", "number": 5, "deep": {"a": 1}}',
    'sub/secrets.yaml': 'token: y\npin: 0123\nexponent: 1e5\nblank:\n',
    '.env.local': 'token=e\n# a comment\nQUOTED="two words"\n',
    plain: 'token=p\n',
  });
  const binds = `binds:
- {namespace: j, location: "file:///./secrets.json", keys: {J: token, NUMBER: number, DEEP: deep}}
- {namespace: y, location: "file:./sub/secrets.yaml", keys: {Y: token, PIN: pin, E: exponent, BLANK: blank}}
- {namespace: e, location: "file://./.env.local", keys: {ENV: token, QUOTED: QUOTED}}
- {namespace: p, location: "file://${join(folder, 'plain')}", keys: {P: token}}
- {namespace: b, location: "./secrets.json", keys: {B: token, O: toString}}
`;
  const { variables, findings } = await resolve(
    binds,
    { token: 'not this one' },
    join(folder, 'x.yaml'),
  );
  assert.deepEqual(findings, []);
  assert.deepEqual(Object.fromEntries(variables.listed.map(({ name, value }) => [name, value])), {
    J: 'j',
    NUMBER: '5',
    DEEP: undefined,
    Y: 'y',
    PIN: '0123',
    E: '1e5',
    BLANK: undefined,
    ENV: 'e',
    QUOTED: 'two words',
    P: 'p',
    B: 'j',
    O: undefined,
  });
  assert.equal(variables.find('j.J')?.from, join(folder, 'secrets.json'));
  assert.equal(variables.find('j.token'), undefined, 'a file gives only what keys list');
});

test('binds of the capability count, too, and a value is better than none', async () => {
  const text = `naftiko: 1.0.0-alpha2
binds: [{namespace: a, keys: {X: NO_SUCH}}]
capability:
  binds: [{namespace: b, keys: {X: REAL}}]
  exposes: []
`;
  const { document, source } = loadText('x.yaml', text);
  const { variables } = await resolveBinds(document as CapabilityDocument, source, { REAL: '1' });
  assert.equal(variables.find('X')?.namespace, 'b');
  assert.equal(variables.find('a.X')?.value, undefined);
  assert.equal(variables.find('b.X')?.value, '1');
});

test('a file that is not there and a location not served are warnings at their place', async (t) => {
  const folder = await folderWith(t, {});
  const binds = `binds:
- namespace: a
  location: file:///./none.yaml
  keys: {A: a}
- namespace: b
  location: vault://secret/app
  keys: {B: b}
`;
  const { variables, findings } = await resolve(binds, {}, join(folder, 'x.yaml'));
  assert.deepEqual(
    findings.map(({ severity, code, line, column }) => `${severity} ${line}:${column} ${code}`),
    ['warning 5:13 BIND_UNREADABLE', 'warning 8:13 BIND_LOCATION_UNSUPPORTED'],
  );
  assert.match(findings[0]?.message ?? '', /There is no file .*none\.yaml/);
  assert.match(findings[1]?.message ?? '', /Values at "vault:" cannot be read/);
  assert.equal(variables.find('A')?.value, undefined);
  assert.equal(variables.find('B')?.from, 'vault://secret/app');
});

test('a bind file that cannot be understood is an error, and none of its text is shown', async (t) => {
  const folder = await folderWith(t, {
    'bad.json': '{"token": "s3cret"',
    'list.yaml': '- s3cret\n',
    'bad.yaml': 'token: "s3cret\n',
    'bomb.yaml': `a: &a [x,x]\n${Array.from({ length: 20 }, (_, n) => `${n}: &b${n} [*a,*a,*a${n > 0 ? `,*b${n - 1},*b${n - 1}` : ''}]`).join('\n')}`,
  });
  const binds = ['bad.json', 'list.yaml', 'bad.yaml', 'bomb.yaml']
    .map(
      (name, index) => `- {namespace: n${index}, location: "file:///./${name}", keys: {A: token}}`,
    )
    .join('\n');
  const { findings } = await resolve(`binds:\n${binds}\n`, {}, join(folder, 'x.yaml'));
  assert.deepEqual(
    findings.map(({ severity, code, line }) => `${severity} ${line} ${code}`),
    [4, 5, 6, 7].map((line) => `error ${line} BIND_UNREADABLE`),
  );
  assert.match(findings[0]?.message ?? '', /is not valid JSON/);
  assert.match(findings[1]?.message ?? '', /holds no mapping/);
  assert.match(findings[2]?.message ?? '', /is not valid YAML/);
  assert.doesNotMatch(JSON.stringify(findings), /s3cret/);
});

test('an environment file is read, or says why not', async (t) => {
  const folder = await folderWith(t, {
    '.env': 'A=1\nexport B="2 3"\n\n',
    'empty.env': '# nothing yet\n',
    'prose.txt': 'Dear reader\n',
  });
  const good = await readEnvFile(join(folder, '.env'));
  assert.deepEqual(good, { values: { A: '1', B: '2 3' }, findings: [] });
  assert.deepEqual(await readEnvFile(join(folder, 'empty.env')), { values: {}, findings: [] });
  const prose = await readEnvFile(join(folder, 'prose.txt'));
  assert.deepEqual(
    prose.findings.map(({ code }) => code),
    ['BIND_UNREADABLE'],
  );
  const missing = await readEnvFile(join(folder, 'none.env'));
  assert.deepEqual(
    missing.findings.map(({ code }) => code),
    ['FILE_UNREADABLE'],
  );
});
