import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { FILE_LIMIT, listFiles, readText } from '../../src/document/read.ts';
import { folderWith } from './folder.ts';

test('a folder is searched at any depth, sorted, without node_modules and dot folders', async (t) => {
  const folder = await folderWith(t, {
    'b.yml': '',
    'a/z.yaml': '',
    'a/notes.md': '',
    'node_modules/x/x.yaml': '',
    '.git/y.yaml': '',
  });
  await symlink(folder, join(folder, 'a', 'round'));
  const { files, findings } = await listFiles([folder]);
  assert.deepEqual(files, [join(folder, 'a/z.yaml'), join(folder, 'b.yml')]);
  assert.deepEqual(findings, []);
});

test('a file is taken whatever its ending, in the order named, and once', async (t) => {
  const folder = await folderWith(t, { 'one.txt': '', 'two.yaml': '' });
  const one = join(folder, 'one.txt');
  const { files } = await listFiles([one, folder, one]);
  assert.deepEqual(files, [one, join(folder, 'two.yaml')]);
});

test('a path that is not there and a folder without YAML are findings', async (t) => {
  const folder = await folderWith(t, { 'readme.md': '' });
  const missing = join(folder, 'missing.yaml');
  const { files, findings } = await listFiles([missing, folder]);
  assert.deepEqual(files, []);
  assert.deepEqual(
    findings.map(({ code, file, line, column }) => ({ code, file, line, column })),
    [
      { code: 'FILE_UNREADABLE', file: missing, line: 0, column: 0 },
      { code: 'NO_CAPABILITY_FILES', file: folder, line: 0, column: 0 },
    ],
  );
  assert.match(findings[0]?.message ?? '', /No file or folder has this name/);
  assert.match(findings[1]?.message ?? '', /no \*\.yaml or \*\.yml file/);
});

test('a folder, a device and a file of 10 MB are no capability text', async (t) => {
  const folder = await folderWith(t, { 'big.yaml': Buffer.alloc(10 * 1024 * 1024, 'x') });
  const asFile = await readText(folder);
  assert.equal(asFile.finding?.code, 'FILE_UNREADABLE');
  assert.match(asFile.finding?.message ?? '', /This is a folder/);
  const device = await readText('/dev/null');
  assert.equal(device.finding?.code, 'FILE_UNREADABLE');
  const big = await readText(join(folder, 'big.yaml'));
  assert.equal(big.finding?.code, 'FILE_TOO_LARGE');
  assert.match(big.finding?.message ?? '', /has 10 MiB; a capability file may have 8 MiB/);
});

test('a pipe that nobody writes to, and a socket, keep nobody waiting', async (t) => {
  const folder = await folderWith(t, {});
  const [pipe, socket] = [join(folder, 'pipe.yaml'), join(folder, 'socket.yaml')];
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => server.close());
  for (const path of [pipe, socket]) {
    const { finding } = await readText(path);
    assert.equal(finding?.code, 'FILE_UNREADABLE');
    assert.match(finding?.message ?? '', /This is no regular file/);
  }
});

test('a file of exactly the limit is read, one byte more is not', async (t) => {
  const folder = await folderWith(t, {
    'just.yaml': Buffer.alloc(FILE_LIMIT, '#'),
    'over.yaml': Buffer.alloc(FILE_LIMIT + 1, '#'),
  });
  assert.equal((await readText(join(folder, 'just.yaml'))).text?.length, FILE_LIMIT);
  const over = await readText(join(folder, 'over.yaml'));
  assert.equal(over.finding?.code, 'FILE_TOO_LARGE');
});

test('text has to be UTF-8; a byte order mark is taken away', async (t) => {
  const folder = await folderWith(t, {
    'mark.yaml': '\uFEFFa: 1',
    'latin.yaml': Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'),
    'wide.yaml': Buffer.from('\uFEFFa: 1', 'utf16le'),
    'zero.yaml': 'a: 1\n\0',
  });
  assert.equal((await readText(join(folder, 'mark.yaml'))).text, 'a: 1');
  const latin = (await readText(join(folder, 'latin.yaml'))).finding;
  assert.deepEqual([latin?.code, latin?.line, latin?.column], ['FILE_NOT_TEXT', 2, 7]);
  const wide = (await readText(join(folder, 'wide.yaml'))).finding;
  assert.equal(wide?.code, 'FILE_NOT_TEXT');
  assert.match(wide?.message ?? '', /UTF-16/);
  const zero = (await readText(join(folder, 'zero.yaml'))).finding;
  assert.deepEqual([zero?.code, zero?.line, zero?.column], ['FILE_NOT_TEXT', 2, 1]);
});
