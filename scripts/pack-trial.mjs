// `npm run pack-trial`: is the package whole? Packs it, installs the tarball into an empty folder
// elsewhere, and uses it there as a stranger would: the command, and the import.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startGateway } from './gateway.mjs';
import { root, setUp } from './setup.mjs';

const STEP_TIMEOUT_MS = 180_000;
const PROGRAM = `
import { createGateway } from 'naftiko-gateway';

const [file] = process.argv.slice(2);
const gateway = await createGateway({ files: [file], mock: true, restPort: 0, mcpPort: 0 });
const { host, port } = gateway.listeners.find(({ mount }) => mount.rest.length > 0);
const answer = await fetch('http://' + host + ':' + port + '/v1/v1/account/logout', { method: 'DELETE' });
console.log(answer.status + ' ' + (await answer.json()).path);
await gateway.stop();
`;

const TYPED_PROGRAM = `
import { createGateway, type Gateway, type GatewayOptions } from 'naftiko-gateway';

const options: GatewayOptions = { files: ['a.yaml'], restPort: 0 };
const gateway: Gateway = await createGateway(options);
const ports: readonly number[] = gateway.listeners.map(({ port }) => port);
// @ts-expect-error: an option that does not exist; without types this line would be no error.
await createGateway({ files: [], prot: ports[0] });
`;

const SCRIPTED = `
naftiko: 1.0.0-alpha2
capability:
  exposes:
    - type: mcp
      namespace: sums
      port: 9090
      tools:
        - name: double
          description: Doubles a number.
          inputParameters: [{ name: n, type: integer, description: The number. }]
          steps: [{ type: script, name: double, file: double.js }]
`;

setUp();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pack-trial-'));
try {
  await trial();
  console.log('pass  the package installs and runs elsewhere');
} catch (error) {
  console.log(`FAIL  ${error.message}`);
  process.exitCode = 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function trial() {
  run(root, 'npm', 'pack', '--loglevel=error', '--pack-destination', folder);
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const tarball = `naftiko-gateway-${version}.tgz`;
  const { size } = fs.statSync(path.join(folder, tarball));
  console.log(`pass  npm pack: ${tarball}, ${Math.round(size / 1024)} KiB`);
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', `./${tarball}`);

  const naftiko = path.join(folder, 'node_modules', '.bin', 'naftiko');
  assert.equal(run(folder, naftiko, '--version').trim(), version);
  console.log(`pass  naftiko --version: ${version}`);

  const capabilities = path.join('node_modules', 'naftiko-gateway', 'capabilities');
  run(folder, naftiko, 'validate', capabilities);
  console.log('pass  naftiko validate of its own capabilities');

  const koyeb = path.join(capabilities, 'koyeb-sessions.yaml');
  const gateway = await startGateway([koyeb, '--mock'], { program: naftiko, cwd: folder });
  try {
    const answer = await fetch(`${gateway.rest}/v1/v1/account/logout`, { method: 'DELETE' });
    assert.equal(answer.status, 200);
  } finally {
    assert.equal(await gateway.stop(), 0, 'exit status after SIGTERM');
  }
  console.log('pass  naftiko run answers over a mock, and stops');

  fs.writeFileSync(path.join(folder, 'scripted.yaml'), SCRIPTED);
  fs.writeFileSync(path.join(folder, 'double.js'), 'result = { doubled: 2 * context.n };\n');
  const doubled = run(
    folder,
    naftiko,
    'call',
    'scripted.yaml',
    'double',
    '-a',
    'n=21',
    '--allow-scripts',
  );
  assert.equal(doubled.trim(), '{"doubled":42}');
  console.log(`pass  naftiko call of a script step: ${doubled.trim()}`);

  fs.writeFileSync(path.join(folder, 'program.js'), PROGRAM);
  const said = run(folder, process.execPath, 'program.js', koyeb).trim();
  assert.equal(said, '200 /v1/account/logout');
  console.log(`pass  import { createGateway }: ${said}`);

  fs.writeFileSync(path.join(folder, 'typed.ts'), TYPED_PROGRAM);
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--typeRoots', path.join(root, 'node_modules', '@types'), '--types', 'node'];
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', ...types];
  run(folder, process.execPath, compiler, ...options, 'typed.ts');
  console.log('pass  its types, under --strict');
}

function run(cwd, program, ...args) {
  return execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
