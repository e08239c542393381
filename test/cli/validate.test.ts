import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileOf, folderOf, items, naftiko } from './naftiko.ts';

test('a good file is valid: status 0, the verdict on stdout', async (t) => {
  const said = await naftiko(['validate', await fileOf(t, items())]);
  assert.deepEqual(said, { status: 0, out: 'The file is valid.\n', err: '' });
  const folder = await folderOf(t, { 'a.yaml': items(), 'b.yml': items() });
  assert.equal((await naftiko(['validate', folder])).out, '2 files are valid.\n');
});

test('findings stand in the order of the file, with excerpt, caret and what was meant', async (t) => {
  const text = items()
    .replace('call: items.get,', 'call: items.gett,')
    .replace('port: 9090', 'port: 99090')
    .replace('label: Items', 'lable: Items');
  const file = await fileOf(t, text);
  const { status, out, err } = await naftiko(['validate', file]);
  assert.deepEqual([status, err], [1, '']);
  const heads = out.split('\n').filter((line) => line.startsWith(file));
  const codes = heads.map((line) => /^\S+:(\d+):\d+ (error|warning) (\w+)/.exec(line)?.slice(1));
  assert.deepEqual(
    codes.map((parts) => parts?.[2]),
    ['KEY_UNKNOWN', 'CALL_UNKNOWN', 'PORT_OUT_OF_RANGE'],
  );
  const numbers = codes.map((parts) => Number(parts?.[0]));
  assert.deepEqual(
    numbers,
    [...numbers].sort((one, other) => one - other),
  );
  assert.match(out, /call: items\.gett[^\n]*\n +\| +\^/);
  assert.match(out, /Did you mean "items\.get"\?/);
  assert.match(out, /2 errors, 1 warning in 1 file\n$/);
});

test('what depends on the place is a warning: variables and base URIs', async (t) => {
  const authentication = ['type: bearer', "token: '{{CLI_TEST_ABSENT}}'"];
  const binds = { CLI_TEST_ABSENT: 'CLI_TEST_ABSENT' };
  const file = await fileOf(
    t,
    items({ authentication, binds, baseUri: "'https://{region}.example'" }),
  );
  const { status, out } = await naftiko(['validate', file]);
  assert.equal(status, 0);
  assert.match(out, /warning VARIABLE_MISSING/);
  assert.match(out, /warning BASE_URI_INCOMPLETE/);
  assert.match(out, /0 errors, 2 warnings in 1 file\nThe file is valid\.\n$/);
});

test('--format json is stable: files, counts, findings', async (t) => {
  const folder = await folderOf(t, {
    'a.yaml': items().replace('call: items.get,', 'call: items.gett,'),
    'b.yaml': items().replace('label: Items', 'lable: Items'),
  });
  const { status, out, err } = await naftiko(['validate', folder, '--format', 'json']);
  assert.deepEqual([status, err], [1, '']);
  const { findings, ...rest } = JSON.parse(out);
  assert.deepEqual(rest, {
    files: [join(folder, 'a.yaml'), join(folder, 'b.yaml')],
    errors: 1,
    warnings: 1,
    infos: 0,
  });
  const [first] = findings;
  assert.deepEqual(Object.keys(first).sort(), [
    'code',
    'column',
    'file',
    'line',
    'message',
    'pointer',
    'severity',
    'suggestion',
  ]);
  assert.deepEqual(
    [first.severity, first.code, first.file, first.suggestion],
    ['error', 'CALL_UNKNOWN', join(folder, 'a.yaml'), 'items.get'],
  );
  const good = await naftiko(['validate', await fileOf(t, items()), '--format', 'json']);
  assert.equal(good.status, 0);
  assert.deepEqual(JSON.parse(good.out).findings, []);
});

test('--strict judges by the published schema: errors with their place', async (t) => {
  const file = await fileOf(t, items());
  assert.equal((await naftiko(['validate', file])).status, 0);
  const { status, out } = await naftiko(['validate', file, '--strict']);
  assert.equal(status, 1);
  assert.match(out, /items\.yaml:\d+:\d+ error SCHEMA_STRICT/);
});

test('a missing file is a finding; the others are judged all the same', async (t) => {
  const folder = await folderOf(t, { 'a.yaml': items().replace('label: Items', 'lable: Items') });
  const files = [join(folder, 'no.yaml'), join(folder, 'a.yaml')];
  const { status, out } = await naftiko(['validate', ...files]);
  assert.equal(status, 1);
  assert.match(out, /no\.yaml error FILE_UNREADABLE/);
  assert.match(out, /a\.yaml:3:3 warning KEY_UNKNOWN/);
});

test('a secret that stands near a finding is masked in the excerpt', async (t) => {
  const authentication = ['type: bearer', 'token: sesame-open', 'lifetime: 7'];
  const { out } = await naftiko(['validate', await fileOf(t, items({ authentication }))]);
  assert.match(out, /lifetime: 7/);
  assert.match(out, /token: ••••/);
  assert.doesNotMatch(out, /sesame/);
});

test('colours go to a terminal only', async (t) => {
  const file = await fileOf(t, items().replace('label: Items', 'lable: Items'));
  const shown = await naftiko(['validate', file], { color: true, interactive: true });
  assert.ok(shown.out.includes('\u001b['));
  const piped = await naftiko(['validate', file], { color: true, interactive: false });
  assert.ok(!piped.out.includes('\u001b'));
});

test('--lint adds what clients make little of, and the file stays valid', async (t) => {
  const text = items().replace('name: list-items', 'name: items/list.all');
  const file = await fileOf(t, text);
  const quiet = await naftiko(['validate', file]);
  assert.equal(quiet.out, 'The file is valid.\n');
  const { status, out } = await naftiko(['validate', file, '--lint', '--format', 'json']);
  assert.equal(status, 0);
  const { findings } = JSON.parse(out) as { findings: { code: string; severity: string }[] };
  assert.deepEqual(findings.map(({ code, severity }) => `${severity} ${code}`).sort(), [
    'info TOOL_HINTS_MISSING',
    'info TOOL_LABEL_MISSING',
    'warning TOOL_NAME_ALPHABET',
  ]);
  const shown = await naftiko(['validate', file, '--lint']);
  assert.equal(shown.status, 0);
  assert.match(shown.out, /TOOL_NAME_ALPHABET[\s\S]*--tool-names snake[\s\S]*The file is valid/);
});
