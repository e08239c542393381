import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { compileCapability } from '../../src/compile/compile.ts';
import { resolveBinds } from '../../src/document/binds.ts';
import { resolveImports } from '../../src/document/imports.ts';
import { loadFile } from '../../src/document/load.ts';
import { folderWith } from './folder.ts';

const API = `naftiko: 1.0.0-alpha2
consumes:
  - namespace: registry
    baseUri: https://api.example.com
    authentication: {type: bearer, token: "{{TOKEN}}"}
    resources:
      - path: /ships
        operations: [{name: list, method: GET}]
`;

const main = (entry: string, call = 'registry.list'): string => `naftiko: 1.0.0-alpha2
binds: [{namespace: env, keys: {TOKEN: TOKEN}}]
capability:
  consumes:
    - namespace: other
      baseUri: https://other.example.com
    - ${entry}
  exposes:
    - {type: mcp, namespace: tools, port: 9090,
      tools: [{name: list, description: d, call: ${call}}]}
`;

async function load(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  allow: (folder: string) => string[] = () => [],
) {
  const folder = await folderWith(t, files);
  const { document, source, findings } = await loadFile(join(folder, 'app/main.yaml'));
  assert.ok(document, JSON.stringify(findings));
  const imports = await resolveImports(document, source, { allowImport: allow(folder) });
  const binds = await resolveBinds(imports.document, source, { TOKEN: 't0p' });
  const compiled = await compileCapability(imports.document, imports.source, binds.variables);
  const shown = (all: typeof findings) =>
    all.map(({ code, file, line, message }) => ({
      code,
      at: `${file.slice(folder.length + 1)}:${line}`,
      message: message.replaceAll(folder, ''),
    }));
  return {
    folder,
    imports,
    compiled,
    shown: shown(imports.findings),
    found: shown(compiled.findings),
  };
}

test('an imported block is served as if it stood here, with the binds of this file', async (t) => {
  for (const [entry, call] of [
    ['{location: ./shared/api.yaml, import: registry}', 'registry.list'],
    ['{location: "file:///./shared/api.yaml", import: registry, as: fleet}', 'fleet.list'],
    ['{location: ./shared/whole.yaml, import: registry}', 'registry.list'],
    ['{location: ./shared/passes-on.yaml, import: again}', 'again.list'],
  ] as const) {
    const { imports, compiled, shown, found } = await load(t, {
      'app/main.yaml': main(entry, call),
      'app/shared/api.yaml': API,
      'app/shared/whole.yaml': API.replace('consumes:', 'capability:\n consumes:'),
      'app/shared/passes-on.yaml':
        'naftiko: 1.0.0-alpha2\nconsumes: [{location: ./api.yaml, import: registry, as: again}]',
    });
    assert.deepEqual(shown, []);
    assert.deepEqual(
      found.filter(({ code }) => code !== 'NOTHING_EXPOSED'),
      [],
    );
    assert.equal(imports.document.capability?.consumes?.length, 2);
    const [face] = compiled.plan?.faces ?? [];
    assert.ok(face?.face === 'mcp');
    const [step] = face.tools[0]?.operation.steps ?? [];
    assert.ok(step?.kind === 'call');
    assert.equal(step.target, call);
    const request = step.build({ input: {}, steps: {} });
    assert.equal(request.origin + request.path, 'https://api.example.com/ships');
    assert.ok(request.headers.includes('Bearer t0p'));
  }
});

describe('what cannot be imported is found at its place', () => {
  const refusals: readonly (readonly [string, string, string, string, RegExp])[] = [
    [
      'a missing file',
      '{location: ./none.yaml, import: registry}',
      'IMPORT_UNREADABLE',
      'app/main.yaml:7',
      /There is no file \/app\/none\.yaml/,
    ],
    [
      'another scheme',
      '{location: "https://x/y.yaml", import: registry}',
      'IMPORT_UNREADABLE',
      'app/main.yaml:7',
      /A file at "https:" cannot be imported/,
    ],
    [
      'a wrong name',
      '{location: ./shared/api.yaml, import: regitsry}',
      'IMPORT_UNKNOWN',
      'app/main.yaml:7',
      /declares no consumed API with the namespace "regitsry"; it has registry/,
    ],
    [
      'a file above the folder',
      '{location: ../outside.yaml, import: registry}',
      'IMPORT_OUTSIDE',
      'app/main.yaml:7',
      /lies outside the folder of the importing file.*--allow-import/,
    ],
    [
      'a link that leads out',
      '{location: ./link.yaml, import: registry}',
      'IMPORT_OUTSIDE',
      'app/main.yaml:7',
      /outside\.yaml lies outside/,
    ],
    [
      'a circle',
      '{location: ./round.yaml, import: registry}',
      'IMPORT_CYCLE',
      'app/other.yaml:2',
      /leads back to itself/,
    ],
    [
      'a file that is no YAML',
      '{location: ./broken.yaml, import: registry}',
      'YAML_SYNTAX',
      'app/broken.yaml:1',
      /./,
    ],
    [
      'a file of another kind',
      '{location: ./secrets.yaml, import: registry}',
      'NOT_A_CAPABILITY',
      'app/secrets.yaml:1',
      /./,
    ],
    [
      'a broken block',
      '{location: ./bad.yaml, import: registry}',
      'KEY_MISSING',
      'app/bad.yaml:3',
      /baseUri/,
    ],
  ];
  for (const [name, entry, code, at, message] of refusals) {
    test(name, async (t) => {
      const folder = await folderWith(t, {
        'app/main.yaml': main(entry),
        'app/shared/api.yaml': API,
        'outside.yaml': API,
        'app/round.yaml':
          'naftiko: 1.0.0-alpha2\nconsumes: [{location: ./other.yaml, import: registry}]',
        'app/other.yaml':
          'naftiko: 1.0.0-alpha2\nconsumes: [{location: ./round.yaml, import: registry}]',
        'app/broken.yaml': 'a: [',
        'app/secrets.yaml': 'key: value',
        'app/bad.yaml': 'naftiko: 1.0.0-alpha2\nconsumes:\n  - {namespace: registry}',
      });
      await symlink(join(folder, 'outside.yaml'), join(folder, 'app/link.yaml'));
      const { document, source } = await loadFile(join(folder, 'app/main.yaml'));
      assert.ok(document);
      const { findings } = await resolveImports(document, source);
      const found = findings.find((finding) => finding.code === code);
      assert.ok(found, JSON.stringify(findings));
      assert.equal(found.severity, 'error');
      assert.equal(`${found.file.slice(folder.length + 1)}:${found.line}`, at);
      assert.match(found.message.replaceAll(folder, ''), message);
      if (code === 'IMPORT_UNKNOWN') assert.equal(found.suggestion, 'registry');
      const ofImporter = findings.filter(({ file }) => file === join(folder, 'app/main.yaml'));
      assert.equal(ofImporter.length, 1, JSON.stringify(findings));
    });
  }
});

test('a folder that is allowed may be imported from', async (t) => {
  const files = {
    'app/main.yaml': main('{location: ../lib/api.yaml, import: registry}'),
    'lib/api.yaml': API,
    'library/api.yaml': API,
  };
  const allowed = await load(t, files, (folder) => [join(folder, 'lib')]);
  assert.deepEqual(allowed.shown, []);
  const other = await load(t, files, (folder) => [join(folder, 'library'), join(folder, 'none')]);
  assert.deepEqual(
    other.shown.map(({ code }) => code),
    ['IMPORT_OUTSIDE'],
  );
});

test('what is wrong inside an imported block is found in the file that holds it', async (t) => {
  const { found } = await load(t, {
    'app/main.yaml': main('{location: ./api.yaml, import: registry}', 'registry.lits'),
    'app/api.yaml': API.replace('{{TOKEN}}', '{{NOPE}}'),
  });
  assert.deepEqual(
    found.map(({ code, at }) => [code, at]),
    [
      ['VARIABLE_UNKNOWN', 'app/api.yaml:5'],
      ['CALL_UNKNOWN', 'app/main.yaml:10'],
    ],
  );
});

test('the folder of the importing file is compared by its real path', async (t) => {
  const folder = await folderWith(t, {
    'real/api.yaml': API,
    'real/main.yaml': main('{location: ./api.yaml, import: registry}'),
  });
  await mkdir(join(folder, 'links'));
  await symlink(join(folder, 'real'), join(folder, 'links/app'));
  await writeFile(join(folder, 'links/app/note.txt'), '');
  const { document, source } = await loadFile(join(folder, 'links/app/main.yaml'));
  assert.ok(document);
  assert.deepEqual((await resolveImports(document, source)).findings, []);
});
