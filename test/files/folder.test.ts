import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { listFolder, openInFolder } from '../../src/files/folder.ts';
import { mediaTypeOf } from '../../src/files/media-type.ts';
import { folderOf } from '../support/faces.ts';

async function textAt(folder: string, ...segments: string[]): Promise<string | undefined> {
  const file = await openInFolder(folder, segments);
  if (file === undefined) return undefined;
  try {
    return await file.handle.readFile('utf8');
  } finally {
    await file.handle.close();
  }
}

test('every regular file is listed with its size, sorted by path, nothing hidden', async (t) => {
  const folder = await folderOf(t, {
    'b.md': 'bb',
    'a/z.txt': '',
    'a/with space & ü.txt': 'x',
    '.env': 'TOKEN=1',
    '.git/config': 'x',
  });
  const files = await listFolder(folder);
  assert.deepEqual(
    files?.map(({ path, size }) => [path, size]),
    [
      ['a/with space & ü.txt', 1],
      ['a/z.txt', 0],
      ['b.md', 2],
    ],
  );
  assert.equal(await textAt(folder, 'a', 'with space & ü.txt'), 'x');
});

test('links are followed inside of the folder and never out of it', async (t) => {
  const parent = await folderOf(t, {
    'secret.txt': 'secret',
    'outside/in.txt': 'outside',
    'docs/guide.md': 'guide',
    'docs/sub/deep.md': 'deep',
    'docs/.hidden/key': 'hidden',
    'docs-too/near.md': 'near',
  });
  const docs = join(parent, 'docs');
  await symlink('../secret.txt', join(docs, 'up.txt'));
  await symlink('/etc/passwd', join(docs, 'passwd'));
  await symlink('../outside', join(docs, 'out'));
  await symlink('../docs-too/near.md', join(docs, 'near.md'));
  await symlink('.hidden/key', join(docs, 'key'));
  await symlink('guide.md', join(docs, 'alias.md'));
  await symlink('sub', join(docs, 'again'));
  await symlink('..', join(docs, 'sub/loop'));
  await symlink('self', join(docs, 'self'));
  await symlink('nowhere', join(docs, 'dangling'));
  const listed = (await listFolder(docs))?.map(({ path }) => path);
  assert.deepEqual(listed, ['again/deep.md', 'alias.md', 'guide.md', 'sub/deep.md']);
  assert.equal(await textAt(docs, 'alias.md'), 'guide');
  assert.equal(await textAt(docs, 'again', 'deep.md'), 'deep');
  for (const name of ['up.txt', 'passwd', 'near.md', 'key', 'self', 'dangling', 'sub']) {
    assert.equal(await textAt(docs, name), undefined, name);
  }
  assert.equal(await textAt(docs, 'out', 'in.txt'), undefined);
});

test('a path that leads elsewhere opens nothing', async (t) => {
  const parent = await folderOf(t, { 'secret.txt': 'x', 'docs/a.txt': 'a', 'docs/.env': 'x' });
  const docs = join(parent, 'docs');
  const hostile = [
    ['..', 'secret.txt'],
    ['../secret.txt'],
    ['..\\secret.txt'],
    ['a.txt', '..', '..', 'secret.txt'],
    ['.', 'a.txt'],
    ['', 'a.txt'],
    ['a.txt\0.png'],
    ['.env'],
    ['a.txt', 'b'],
    [join(parent, 'secret.txt')],
    ['x'.repeat(5_000)],
    [],
  ];
  for (const segments of hostile) {
    assert.equal(await textAt(docs, ...segments), undefined, JSON.stringify(segments));
  }
  assert.equal(await textAt(docs, 'a.txt'), 'a');
});

test('a folder that is a link itself is served, and one that comes later', async (t) => {
  const parent = await folderOf(t, { 'real/a.txt': 'a' });
  await symlink('real', join(parent, 'docs'));
  assert.equal(await textAt(join(parent, 'docs'), 'a.txt'), 'a');
  const later = join(parent, 'later');
  assert.equal(await listFolder(later), undefined);
  assert.equal(await textAt(later, 'a.txt'), undefined);
  await rename(join(parent, 'real'), later);
  assert.equal((await listFolder(later))?.length, 1);
  assert.equal(await listFolder(join(later, 'a.txt')), undefined);
});

const noPipes = process.platform === 'win32' && 'no pipes among files here';

test('a pipe is no file, and does not hold anything up', { skip: noPipes }, async (t) => {
  const folder = await folderOf(t, { 'a.txt': 'a' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.deepEqual(
    (await listFolder(folder))?.map(({ path }) => path),
    ['a.txt'],
  );
  assert.equal(await textAt(folder, 'pipe'), undefined);
});

test('a list has an end, however deep the folders or many the files', async (t) => {
  const folder = await folderOf(t, {});
  let deep = folder;
  for (let level = 0; level < 80; level++) deep = join(deep, 'd');
  await mkdir(deep, { recursive: true });
  await writeFile(join(deep, 'lost.txt'), '');
  await writeFile(join(folder, 'a.txt'), '');
  assert.deepEqual(
    (await listFolder(folder))?.map(({ path }) => path),
    ['a.txt'],
  );
});

test('a media type follows from the ending, whatever its case', () => {
  assert.equal(mediaTypeOf('a/b.MD'), 'text/markdown');
  assert.equal(mediaTypeOf('archive.tar.gz'), 'application/gzip');
  assert.equal(mediaTypeOf('LICENSE'), undefined);
  assert.equal(mediaTypeOf('a.constructor'), undefined);
});
