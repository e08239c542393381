import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasErrors } from '../../src/document/finding.ts';
import { loadFile, loadFiles, loadText } from '../../src/document/load.ts';
import { folderWith } from './folder.ts';

const shared = join(import.meta.dirname, '../../../shared');
const absent = existsSync(shared) ? false : 'the shared corpus is not here';

const capability = `naftiko: 1.0.0-alpha2
capability:
  exposes:
  - {type: mcp, namespace: a, port: 9090, tools: [{name: t}]}
`;

test('a sound file gives its document, in the author’s words', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': capability });
  const path = join(folder, 'a.yaml');
  const { source, document, findings } = await loadFile(path);
  assert.equal(source.path, path);
  assert.equal(source.text, capability);
  assert.equal(document?.capability?.exposes?.[0]?.namespace, 'a');
  assert.deepEqual(findings, []);
});

test('a file that cannot be read gives a finding and an empty source', async (t) => {
  const folder = await folderWith(t, {});
  for (const path of [folder, join(folder, 'missing.yaml'), join(folder, 'no/such/file')]) {
    const { source, document, findings } = await loadFile(path);
    assert.equal(document, undefined);
    assert.deepEqual(
      findings.map(({ code, file, line }) => ({ code, file, line })),
      [{ code: 'FILE_UNREADABLE', file: path, line: 0 }],
    );
    assert.deepEqual(source.position('/a'), { line: 0, column: 0 });
  }
});

test('a document whose shape is wrong is held back, one with a bad port is not', async (t) => {
  const folder = await folderWith(t, {
    'shape.yaml': capability.replace('[{name: t}]', '{name: t}'),
    'port.yaml': capability.replace('9090', '99999'),
  });
  const shape = await loadFile(join(folder, 'shape.yaml'));
  assert.deepEqual([shape.document, hasErrors(shape.findings)], [undefined, true]);
  const port = await loadFile(join(folder, 'port.yaml'));
  assert.deepEqual([port.document === undefined, hasErrors(port.findings)], [false, true]);
});

test('findings come in the order of the file', async (t) => {
  const text = `naftiko: 1.0.0-alpha2\nzzz: 1\ncapability:\n  exposes:\n  - {type: mcp, namespace: a, port: 0, tools: [{nam: t}]}\n`;
  const folder = await folderWith(t, { 'a.yaml': text });
  const { findings } = await loadFile(join(folder, 'a.yaml'));
  assert.deepEqual(
    findings.map(({ code, line, column }) => `${line}:${column} ${code}`),
    ['2:1 KEY_UNKNOWN', '5:37 PORT_OUT_OF_RANGE', '5:48 KEY_MISSING', '5:49 KEY_UNKNOWN'],
  );
});

test('of a thousand findings the errors are shown, and the rest is counted', () => {
  const entry = (index: number) =>
    `  - {type: rest, namespace: n${index}, port: 0, zzz: 1, resources: [{path: /, forward: {targetNamespace: a}}]}\n`;
  const entries = Array.from({ length: 500 }, (_, index) => entry(index)).join('');
  const text = `naftiko: 1.0.0-alpha2\ncapability:\n  exposes:\n${entries}  - {type: mcp, port: x}\n`;
  const { document, findings } = loadText('x.yaml', text);
  assert.equal(document, undefined, 'an error that is not shown counts');
  assert.equal(findings.length, 201);
  assert.ok(findings.every(({ code }) => code === 'PORT_OUT_OF_RANGE'));
  assert.match(findings.at(-1)?.message ?? '', /^802 more findings of this file are not shown/);
});

test('YAML of another kind is a note when a folder holds it, an error when it is named', async (t) => {
  const folder = await folderWith(t, {
    'a.yaml': capability,
    'openapi.yaml': 'openapi: 3.1.0\n',
    'secrets.yaml': 'API_KEY: x\n',
  });
  const { loaded, findings } = await loadFiles([folder]);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    loaded.map((file) => file.findings.map(({ code, severity }) => `${severity} ${code}`)),
    [[], ['info NOT_A_CAPABILITY'], ['info NOT_A_CAPABILITY']],
  );
  const named = await loadFiles([join(folder, 'openapi.yaml')]);
  assert.equal(named.loaded[0]?.findings[0]?.severity, 'error');
});

test('a folder that holds only YAML of another kind has no capability', async (t) => {
  const folder = await folderWith(t, { 'openapi.yaml': 'openapi: 3.1.0\n' });
  const { findings } = await loadFiles([folder]);
  assert.deepEqual(
    findings.map(({ code, file }) => ({ code, file })),
    [{ code: 'NO_CAPABILITY_FILES', file: folder }],
  );
});

test('a broken file does not keep the others from loading', async (t) => {
  const folder = await folderWith(t, { 'a.yaml': 'a: [', 'b.yaml': capability, 'c.yaml': '' });
  const { loaded } = await loadFiles([folder]);
  assert.deepEqual(
    loaded.map(({ document }) => document !== undefined),
    [false, true, false],
  );
});

test('every published file loads without an error', { skip: absent }, async () => {
  const { loaded, findings } = await loadFiles([join(shared, 'corpus/capabilities')]);
  assert.deepEqual(findings, []);
  assert.equal(loaded.length, 536);
  const errors = loaded.flatMap((file) =>
    file.findings.map(({ file: path, line, code }) => `${path}:${line} ${code}`),
  );
  assert.deepEqual(errors, []);
  assert.ok(loaded.every(({ document }) => document !== undefined));
});

test('the files of the reference load without an error', { skip: absent }, async () => {
  const { loaded } = await loadFiles([
    join(shared, 'reference/tutorial'),
    join(shared, 'reference/fixtures'),
  ]);
  const errors = loaded.flatMap((file) => file.findings.filter((one) => one.severity === 'error'));
  assert.deepEqual(errors, []);
  assert.ok(loaded.filter(({ document }) => document !== undefined).length >= 40);
});

test('strict refuses the seeds, each offence at its place', { skip: absent }, async () => {
  const seed = join(shared, 'seeds/koyeb-sessions.yaml');
  assert.deepEqual((await loadFile(seed)).findings, []);
  const { document, findings } = await loadFile(seed, { strict: true });
  assert.notEqual(document, undefined);
  assert.deepEqual(
    findings.map(({ line, column, code }) => `${line}:${column} ${code}`),
    [
      '36:11',
      '37:11',
      '40:11',
      '41:11',
      '79:5',
      '94:11',
      '105:11',
      '116:11',
      '127:11',
      '147:9',
      '157:9',
      '167:9',
      '177:9',
    ].map((place) => `${place} SCHEMA_STRICT`),
  );
  assert.match(findings[0]?.message ?? '', /"type" has no meaning in a consumed input parameter/);
  assert.match(findings[4]?.message ?? '', /"description" has no meaning in a REST expose/);
  assert.match(findings[5]?.message ?? '', /needs the key "properties"/);
});
