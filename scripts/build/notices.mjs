import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..');

const HEAD = `Parts of these packages are included in the files of this folder. Their licences follow.`;

/**
 * Names, versions and licences of the packages whose code esbuild took in.
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @throws Error when a package holds no text of its licence
 */
export function noticesOf(metafiles) {
  const folders = new Set(
    metafiles.flatMap(({ inputs }) => Object.keys(inputs).flatMap((file) => packageOf(file) ?? [])),
  );
  return [HEAD, ...[...folders].sort().map(noticeOf)].join(`\n\n${'-'.repeat(80)}\n\n`);
}

const packageOf = (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(
    fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
  );
  const file = fs.readdirSync(path.join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} holds no text of its licence (${license}).`);
  const text = fs.readFileSync(path.join(root, folder, file), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}`;
}
