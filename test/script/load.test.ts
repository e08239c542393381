import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { CapabilityDocument } from '../../src/document/document.ts';
import { readGovernance } from '../../src/script/governance.ts';
import { type LoadScriptOptions, loadScript, type ScriptStep } from '../../src/script/load.ts';
import type { ScriptPlan } from '../../src/script/plan.ts';
import type { Closer } from '../support/upstream.ts';
import { startRunner } from './running.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const STEP = '/capability/exposes/0/tools/0/steps/1';

async function writeFolder(t: Closer, files: Files): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'scripts-')));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

interface Loaded {
  readonly plan: ScriptPlan | undefined;
  /** `CODE pointer: message`, the pointer from the step on, the folder as `.`. */
  readonly findings: readonly string[];
}

async function load(
  folder: string,
  step: ScriptStep,
  options: Partial<LoadScriptOptions> = {},
): Promise<Loaded> {
  const findings: string[] = [];
  const plan = await loadScript(step, STEP, {
    capabilityFile: join(folder, 'capability.yaml'),
    allowScripts: true,
    report: (code, pointer, message) =>
      findings.push(`${code} ${pointer.replace(STEP, '')}: ${message.replaceAll(folder, '.')}`),
    ...options,
  });
  return { plan, findings };
}

describe('loading a script', () => {
  test('reads dependencies first and the file last, and what it gives runs', async (t) => {
    const folder = await writeFolder(t, {
      'scripts/lib/sum.js': '\ufeffconst sum = (list) => list.reduce((a, b) => a + b, 0);',
      'scripts/total.js': 'result = sum(context.numbers);',
    });
    const step = {
      file: 'total.js',
      dependencies: ['./lib/sum.js'],
      location: 'file:///./scripts',
    };
    const { plan, findings } = await load(folder, step);
    assert.deepEqual(findings, []);
    assert.deepEqual(plan, {
      language: 'javascript',
      sources: [
        { name: 'lib/sum.js', text: 'const sum = (list) => list.reduce((a, b) => a + b, 0);' },
        { name: 'total.js', text: 'result = sum(context.numbers);' },
      ],
      limits: { timeoutMs: 60_000, memoryBytes: 64 * 1024 * 1024, statements: 100_000 },
    });
    assert.equal(await startRunner(t).run(plan as ScriptPlan, { numbers: [1, 2, 3] }), 6);
  });

  test('a location is absolute, relative to the capability file, the default, or its folder', async (t) => {
    const folder = await writeFolder(t, { 'a/x.js': '1', 'b/y.js': '2', 'z.js': '3' });
    const governance = { defaultLocation: 'file:///./b' };
    const cases: [ScriptStep, Partial<LoadScriptOptions>, string][] = [
      [{ file: 'x.js', location: `file://${folder}/a` }, {}, '1'],
      [{ file: 'x.js', location: 'file:///./a/' }, { governance }, '1'],
      [{ file: 'y.js' }, { governance }, '2'],
      [{ file: 'z.js' }, {}, '3'],
      [{ file: 'a/x.js' }, {}, '1'],
    ];
    for (const [step, options, text] of cases) {
      const { plan, findings } = await load(folder, step, options);
      assert.deepEqual(findings, []);
      assert.equal(plan?.sources[0]?.text, text);
    }
  });

  test('the language is what the step says, else the ending, else the default', async (t) => {
    const folder = await writeFolder(t, {
      'a.js': '1',
      'a.txt': '1',
      'b.groovy': '1',
      'c.py': '1',
    });
    const languageOf = async (step: ScriptStep, options: Partial<LoadScriptOptions> = {}) => {
      const { plan, findings } = await load(folder, step, options);
      return plan?.language ?? findings.join();
    };
    assert.equal(await languageOf({ file: 'a.js' }), 'javascript');
    assert.equal(await languageOf({ file: 'a.txt', language: 'javascript' }), 'javascript');
    const governance = { defaultLanguage: 'javascript' };
    assert.equal(await languageOf({ file: 'a.txt' }, { governance }), 'javascript');
    assert.match(
      await languageOf({ file: 'a.txt' }),
      /^KEY_MISSING \/file: Nothing says in which language "a.txt" is written\. Set language: javascript/,
    );
    assert.match(
      await languageOf({ file: 'b.groovy' }),
      /^SCRIPT_LANGUAGE \/file: Scripts in Groovy are not served: .* Write the script in JavaScript/,
    );
    assert.match(
      await languageOf({ file: 'a.js', language: 'groovy' }),
      /^SCRIPT_LANGUAGE \/language: /,
    );
    assert.match(
      await languageOf({ file: 'c.py' }, { python: 'a-package-that-nobody-installed' }),
      /^SCRIPT_LANGUAGE \/file: Scripts in Python need the package pyodide, which is not installed\. Run "npm install pyodide"/,
    );
    assert.match(await languageOf({ file: 'a.js', language: 'lua' }), /"lua" is no language/);
  });

  test('paths and links that lead out of the folder are refused', async (t) => {
    const folder = await writeFolder(t, {
      'secret.js': 'result = "secret"',
      'scripts/a.js': '1',
      'scripts/lib/b.js': '2',
      'scripts-too/c.js': '3',
    });
    await symlink(join(folder, 'secret.js'), join(folder, 'scripts/out.js'));
    await symlink(folder, join(folder, 'scripts/up'));
    await symlink(join(folder, 'scripts-too'), join(folder, 'scripts/near'));
    await symlink(join(folder, 'scripts/lib/b.js'), join(folder, 'scripts/in.js'));
    const location = 'file:///./scripts';
    for (const file of [
      '../secret.js',
      'lib/../../secret.js',
      '/etc/passwd',
      '..',
      '',
      '.',
      'lib//b.js',
      'lib\\..\\a.js',
      '%2e%2e/secret.js',
      'a.js\0',
      'a b.js',
    ]) {
      const { plan, findings } = await load(folder, { file, location, language: 'javascript' });
      assert.equal(plan, undefined);
      assert.equal(findings.length, 1, file);
      assert.match(
        findings[0] ?? '',
        /^SCRIPT_OUTSIDE \/file: .* is no path inside the folder/,
        file,
      );
    }
    for (const file of ['out.js', 'up/secret.js', 'near/c.js']) {
      const { plan, findings } = await load(folder, { file, location });
      assert.equal(plan, undefined);
      assert.match(findings.join(), /^SCRIPT_OUTSIDE \/file: .* is a link that leads out of/, file);
    }
    const { plan } = await load(folder, { file: 'in.js', location });
    assert.equal(plan?.sources[0]?.text, '2');
    const dependency = await load(folder, {
      file: 'a.js',
      location,
      dependencies: ['../secret.js'],
    });
    assert.match(dependency.findings.join(), /^SCRIPT_OUTSIDE \/dependencies\/0: /);
  });

  test('every file that cannot be used is named, with its place', async (t) => {
    const folder = await writeFolder(t, {
      'a.js': 'const a = 1;\nconst b = ;\n',
      'm.js': "\nimport { x } from './x.js';\n",
      'e.js': 'export const x = 1;',
      'deep.js': '('.repeat(300_000),
      'binary.js': Buffer.from([0xff, 0xfe, 0x41]),
      'large.js': ' '.repeat(1024 * 1024 + 1),
      'folder.js/x': '',
    });
    const dependencies = [
      'm.js',
      'e.js',
      'deep.js',
      'binary.js',
      'large.js',
      'folder.js',
      'gone.js',
    ];
    const { plan, findings } = await load(folder, { file: 'a.js', dependencies });
    assert.equal(plan, undefined);
    const expected = [
      /^SCRIPT_INVALID \/dependencies\/0: The script "m.js" has a syntax error in line 2: .* list what it needs under dependencies/,
      /^SCRIPT_INVALID \/dependencies\/1: The script "e.js" has a syntax error in line 1: .* Scripts are no modules/,
      /^SCRIPT_INVALID \/dependencies\/2: The script "deep.js" has a syntax error in line 1: /,
      /^SCRIPT_UNREADABLE \/dependencies\/3: The script "binary.js" cannot be read: it is not UTF-8 text/,
      /^SCRIPT_UNREADABLE \/dependencies\/4: .* more than 1024 KiB/,
      /^SCRIPT_UNREADABLE \/dependencies\/5: .* no regular file/,
      /^SCRIPT_UNREADABLE \/dependencies\/6: There is no file "gone.js" in the folder of scripts, \./,
      /^SCRIPT_INVALID \/file: The script "a.js" has a syntax error in line 2: /,
    ];
    assert.equal(findings.length, expected.length);
    for (const [index, pattern] of expected.entries()) assert.match(findings[index] ?? '', pattern);
    const missing = await load(folder, { file: 'a.js', location: 'file:///./nowhere' });
    assert.match(
      missing.findings.join(),
      /^SCRIPT_UNREADABLE \/location: There is no folder \.\/nowhere/,
    );
    const remote = await load(folder, { file: 'a.js', location: 'https://example.com/' });
    assert.match(remote.findings.join(), /^VALUE_NOT_ALLOWED \/location: /);
  });

  test('a syntax check runs nothing', async (t) => {
    const folder = await writeFolder(t, { 'a.js': 'for (;;);' });
    const { plan, findings } = await load(folder, { file: 'a.js' });
    assert.deepEqual(findings, []);
    assert.ok(plan);
  });
});

describe('who lets scripts run', () => {
  const allowed = async (t: Closer, options: Partial<LoadScriptOptions>) => {
    const folder = await writeFolder(t, { 'a.js': 'result = 1' });
    const { plan, findings } = await load(folder, { file: 'a.js' }, options);
    return plan === undefined ? findings.join() : 'runs';
  };

  test('the file or the one who starts it; a file that says no is obeyed', async (t) => {
    assert.match(
      await allowed(t, { allowScripts: false }),
      /^SCRIPT_NOT_ALLOWED : Scripts run only where they are allowed\. Start with --allow-scripts/,
    );
    assert.equal(await allowed(t, { allowScripts: true }), 'runs');
    assert.equal(await allowed(t, { allowScripts: false, governance: { enabled: true } }), 'runs');
    assert.equal(await allowed(t, { allowScripts: false, governance: {} }), 'runs');
    assert.match(
      await allowed(t, { allowScripts: true, governance: { enabled: false } }),
      /^SCRIPT_NOT_ALLOWED : This file switches its scripts off/,
    );
  });

  test('only in languages that the file allows', async (t) => {
    const governance = { allowedLanguages: ['python'] };
    assert.match(await allowed(t, { governance }), /not among the allowedLanguages .*\(python\)/);
    assert.equal(await allowed(t, { governance: { allowedLanguages: ['javascript'] } }), 'runs');
  });

  test('limits come from the file', async (t) => {
    const folder = await writeFolder(t, { 'a.js': 'result = 1' });
    const governance = { timeout: 3000, statementLimit: 50_000 };
    const { plan } = await load(folder, { file: 'a.js' }, { governance });
    assert.equal(plan?.limits.timeoutMs, 3000);
    assert.equal(plan?.limits.statements, 50_000);
  });

  test('governance is read from the control expose, wrong values are named', () => {
    const findings: string[] = [];
    const document = {
      naftiko: '1.0.0-alpha2',
      capability: {
        exposes: [
          { type: 'rest', port: 1 },
          {
            type: 'control',
            port: 2,
            management: {
              scripting: {
                enabled: true,
                timeout: 0,
                statementLimit: 5,
                allowedLanguages: ['cobol'],
                defaultLanguage: 'javascript',
                defaultLocation: 7,
              },
            },
          },
        ],
      },
    } as unknown as CapabilityDocument;
    const governance = readGovernance(document, (code, pointer, message) =>
      findings.push(`${code} ${pointer}: ${message}`),
    );
    assert.deepEqual(governance, {
      enabled: true,
      statementLimit: 5,
      defaultLanguage: 'javascript',
    });
    const at = '/capability/exposes/1/management/scripting';
    assert.deepEqual(findings, [
      `VALUE_NOT_ALLOWED ${at}/defaultLocation: "defaultLocation" has to be a folder such as file:///./scripts.`,
      `VALUE_NOT_ALLOWED ${at}/timeout: "timeout" has to be a whole number of milliseconds, at least 1.`,
      `VALUE_NOT_ALLOWED ${at}/allowedLanguages: "allowedLanguages" has to be a list of javascript, python, groovy.`,
    ]);
    const none = { naftiko: '1.0.0-alpha2', capability: { exposes: [{ type: 'control' }] } };
    assert.equal(
      readGovernance(none as unknown as CapabilityDocument, () => {}),
      undefined,
    );
  });
});
