import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

/** Source files by path inside src/, `/` between the parts. */
type Sources = Readonly<Record<string, string>>;

interface Import {
  /** A path inside src/, or a package with its subpath, or `node:x`. */
  readonly target: string;
  /** `import type`: gone after compilation. */
  readonly typeOnly: boolean;
}

interface Module {
  readonly file: string;
  /** The text without comments; strings kept. */
  readonly code: string;
  readonly imports: readonly Import[];
}

interface Rule {
  readonly name: string;
  /** A tree that breaks the rule and nothing else: the rule's own test. */
  readonly offence: Sources;
  /** What is wrong, each as `file: why`. */
  readonly check: (modules: ReadonlyMap<string, Module>) => string[];
}

const REQUEST_TIME = [
  ...['runtime', 'rest', 'mcp', 'upstream'],
  ...['access', 'cache', 'limits', 'redis', 'files', 'skill', 'control', 'metrics'],
];
const LOAD_TIME = ['document', 'expression', 'format', 'auth', 'compile', 'mock', 'sandbox', 'cli'];
/** Any room may import them. */
const NEUTRAL = [
  'crowd.ts',
  'errors.ts',
  'flat-headers.ts',
  'hop-by-hop.ts',
  'json.ts',
  'json-scan.ts',
  'percent.ts',
];
const LOAD_TIME_PACKAGES = ['yaml', 'js-yaml', 'ajv', 'ajv-formats', 'jsonpath-plus'];
const LONGEST_FILE = 400;

const RULES: readonly Rule[] = [
  ...NEUTRAL.map(importsNothing),
  {
    name: 'late.ts imports nothing',
    offence: { 'late.ts': "import { x } from './guard.ts';", 'guard.ts': '' },
    check: perImport(
      (file) => file === 'late.ts',
      () => true,
    ),
  },
  {
    name: 'one-piece.ts imports types of Node alone',
    offence: { 'one-piece.ts': "import { ServerResponse } from 'node:http';" },
    check: perImport(
      (file) => file === 'one-piece.ts',
      ({ target, typeOnly }) => !(typeOnly && target.startsWith('node:')),
    ),
  },
  {
    name: 'sealed.ts imports what Node encrypts with alone',
    offence: { 'sealed.ts': "import './json.ts';", 'json.ts': '' },
    check: perImport(
      (file) => file === 'sealed.ts',
      ({ target }) => target !== 'node:crypto',
    ),
  },
  {
    name: 'sealed.ts alone knows the cipher',
    offence: { 'redis/a.ts': "const CIPHER = 'aes-256-gcm';" },
    check: perLine(
      (file) => file !== 'sealed.ts',
      (line) => /\b(createCipheriv|hkdfSync)\b|'aes-/.test(line),
    ),
  },
  {
    name: 'headers of a connection are listed in hop-by-hop.ts alone',
    offence: { 'rest/a.ts': "const HEADERS = ['proxy-connection'];" },
    check: perLine(
      (file) => file !== 'hop-by-hop.ts',
      (line) => line.includes("'proxy-connection'"),
    ),
  },
  {
    name: 'plan/ imports nothing from outside',
    offence: { 'plan/plan.ts': "import type { E } from '../errors.ts';", 'errors.ts': '' },
    check: perImport(
      inRooms('plan'),
      ({ target }) => !target.startsWith('node:') && roomOf(target) !== 'plan',
    ),
  },
  {
    name: 'sandbox/ imports nothing from outside',
    offence: { 'sandbox/a.ts': "import { x } from '../json.ts';", 'json.ts': '' },
    check: perImport(
      inRooms('sandbox'),
      ({ target }) => !target.startsWith('node:') && roomOf(target) !== 'sandbox',
    ),
  },
  {
    name: 'plan/ holds types only',
    offence: { 'plan/plan.ts': 'export interface A {\n  b: 1;\n}\nexport const c = 1;' },
    check: perLine(
      inRooms('plan'),
      (line) => /^\w/.test(line) && !/^((export )?(interface|type)|import type) /.test(line),
    ),
  },
  {
    name: 'request time imports no load-time room and none of its packages',
    offence: { 'rest/a.ts': "import type { Document } from 'yaml';" },
    check: perImport(inRooms(...REQUEST_TIME), ({ target }) => isLoadTime(target)),
  },
  {
    name: 'request time reaches no load-time room through another file',
    offence: {
      'mcp/a.ts': "import { b } from '../b.ts';",
      'b.ts': "export * from './c.ts';",
      'c.ts': "import './document/load.ts';",
      'document/load.ts': '',
    },
    check: reachesLoadTime,
  },
  {
    name: 'request time loads modules by literal names only',
    offence: { 'runtime/a.ts': 'const b = await import(name);' },
    check: perLine(
      inRooms(...REQUEST_TIME),
      (line) => /\b(import|require)\s*\(\s*[^'"\s)]/.test(line) || /\bcreateRequire\b/.test(line),
    ),
  },
  {
    name: 'rest/ and mcp/ never import each other',
    offence: { 'rest/a.ts': "import { b } from '../mcp/b.ts';", 'mcp/b.ts': '' },
    check: (modules) => [
      ...perImport(inRooms('rest'), ({ target }) => roomOf(target) === 'mcp')(modules),
      ...perImport(inRooms('mcp'), ({ target }) => roomOf(target) === 'rest')(modules),
    ],
  },
  only('undici', ['upstream']),
  only('http-cache-semantics', ['cache']),
  only('rate-limiter-flexible', ['limits']),
  only('ioredis', ['redis']),
  only('@modelcontextprotocol/sdk', ['mcp']),
  only('express', ['rest', 'mcp', 'gateway']),
  only('quickjs-emscripten', ['script']),
  only('prom-client', ['metrics']),
  {
    name: 'no default exports',
    offence: { 'cli/a.ts': 'export default function a() {}' },
    check: perLine(
      () => true,
      (line) => /^\s*export\s+default\b|\bas\s+default\b/.test(line),
    ),
  },
  {
    name: 'no enum',
    offence: { 'cli/a.ts': 'export const enum Colour { Red }' },
    check: perLine(
      () => true,
      (line) => /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w+/.test(line),
    ),
  },
  {
    name: 'no code made from text',
    offence: { 'expression/a.ts': "export const a = new Function('return 1');" },
    check: perLine(
      () => true,
      (line) =>
        /\bnew\s+Function\b|(?<![.\w])Function\s*\(|(?<![.\w])eval\s*\(/.test(line) ||
        /from\s+'(node:)?vm'/.test(line),
    ),
  },
  {
    name: `every file under ${LONGEST_FILE} lines`,
    offence: { 'cli/a.ts': 'a();\n'.repeat(LONGEST_FILE) },
    check: tooLong,
  },
];

describe('the walls of the house', () => {
  const modules = parse(readSources(path.join(import.meta.dirname, '..', 'src')));

  test('there is something to look at', () => {
    assert.ok(modules.has('errors.ts') && modules.has('plan/plan.ts'));
    for (const room of [...REQUEST_TIME, ...LOAD_TIME]) {
      assert.ok(
        [...modules.keys()].some((file) => roomOf(file) === room),
        `src/${room}/ is empty: is its name still the same?`,
      );
    }
  });

  for (const rule of RULES) {
    test(rule.name, () => {
      assert.deepEqual(rule.check(modules), []);
      assert.notDeepEqual(rule.check(parse(rule.offence)), [], 'the rule cannot fail');
      for (const other of RULES) {
        if (other === rule) continue;
        const also = other.check(parse(rule.offence));
        assert.deepEqual(also, [], `the offence against "${rule.name}" also meets "${other.name}"`);
      }
    });
  }

  test('imports are read whatever their form, and not from comments', () => {
    const text = `// import a from 'commented';
      /* import b from 'also-commented' */
      import c, { type D } from 'one';
      import type { E } from '../errors.ts';
      import {
        f,
        g,
      } from 'two/sub.js';
      import 'three';
      export * from './near.ts';
      const accept = '*/*'; const regex = /['"\`]\\/\\//; // '
      const late = await import('four');
      const json = require('five');
      const text = 'export { x } from "six"';`;
    const found = parse({ 'rest/a.ts': text }).get('rest/a.ts')?.imports ?? [];
    const targets = found.map(({ target }) => target);
    assert.deepEqual(targets, [
      'one',
      'errors.ts',
      'two/sub.js',
      'three',
      'rest/near.ts',
      'four',
      'five',
    ]);
    assert.deepEqual(
      found.filter(({ typeOnly }) => typeOnly).map(({ target }) => target),
      ['errors.ts'],
    );
  });
});

function importsNothing(module: string): Rule {
  return {
    name: `${module} imports nothing`,
    offence: { [module]: "import { x } from './guard.ts';", 'guard.ts': '' },
    check: perImport(
      (file) => file === module,
      () => true,
    ),
  };
}

function only(name: string, rooms: readonly string[]): Rule {
  return {
    name: `${name} only in ${rooms.join('/, ')}/`,
    offence: { 'log.ts': `import { x } from '${name}/deep.js';` },
    check: perImport(
      (file) => !rooms.includes(roomOf(file)),
      ({ target }) => isOfPackage(target, name),
    ),
  };
}

function perImport(applies: (file: string) => boolean, isWrong: (found: Import) => boolean) {
  return (modules: ReadonlyMap<string, Module>): string[] =>
    [...modules.values()]
      .filter(({ file }) => applies(file))
      .flatMap(({ file, imports }) =>
        imports.filter(isWrong).map(({ target }) => `${file}: imports ${target}`),
      );
}

function perLine(applies: (file: string) => boolean, isWrong: (line: string) => boolean) {
  return (modules: ReadonlyMap<string, Module>): string[] =>
    [...modules.values()]
      .filter(({ file }) => applies(file))
      .flatMap(({ file, code }) =>
        code
          .split('\n')
          .flatMap((line, at) => (isWrong(line) ? [`${file}:${at + 1}: ${line}`] : [])),
      );
}

/** Follows value imports outwards; what a request-time file imports itself is another rule's. */
function reachesLoadTime(modules: ReadonlyMap<string, Module>): string[] {
  const wrong: string[] = [];
  for (const start of modules.keys()) {
    if (!REQUEST_TIME.includes(roomOf(start))) continue;
    const via = new Map<string, string>();
    const queue = [start];
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      for (const { target, typeOnly } of modules.get(file)?.imports ?? []) {
        if (typeOnly || via.has(target) || target === start) continue;
        via.set(target, file);
        if (modules.has(target) && !isLoadTime(target)) queue.push(target);
        if (isLoadTime(target) && file !== start) wrong.push(trail(target, via));
      }
    }
  }
  return wrong;
}

function trail(target: string, via: ReadonlyMap<string, string>): string {
  const steps = [target];
  for (let at = via.get(target); at !== undefined; at = via.get(at)) steps.unshift(at);
  return steps.join(' -> ');
}

function tooLong(modules: ReadonlyMap<string, Module>): string[] {
  const lengths = [...modules.values()]
    .map(({ file, code }) => ({ file, lines: code.split('\n').length }))
    .sort((one, other) => other.lines - one.lines);
  if ((lengths[0]?.lines ?? 0) < LONGEST_FILE) return [];
  return lengths.slice(0, 10).map(({ file, lines }) => `${file}: ${lines} lines`);
}

function inRooms(...rooms: readonly string[]) {
  return (file: string) => rooms.includes(roomOf(file));
}

/** The folder right under src/; for `gateway.ts` itself `gateway`. */
function roomOf(file: string): string {
  return file.replace(/\/.*|\.ts$/s, '');
}

function isLoadTime(target: string): boolean {
  if (target.endsWith('.ts')) return LOAD_TIME.includes(roomOf(target));
  return LOAD_TIME_PACKAGES.some((name) => isOfPackage(target, name));
}

function isOfPackage(target: string, name: string): boolean {
  return target === name || target.startsWith(`${name}/`);
}

function readSources(folder: string): Sources {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => /\.m?[tj]s$/.test(name));
  return Object.fromEntries(
    files.map((name) => [
      name.replaceAll('\\', '/'),
      readFileSync(path.join(folder, name), 'utf8'),
    ]),
  );
}

function parse(sources: Sources): ReadonlyMap<string, Module> {
  return new Map(
    Object.entries(sources).map(([file, text]) => {
      const code = withoutComments(text);
      return [file, { file, code, imports: importsOf(file, code) }];
    }),
  );
}

function importsOf(file: string, code: string): Import[] {
  const statement =
    /^[ \t]*(?:import|export)\s+(?:(type)\s+(?!from\b))?(?:[\w$*{][^'";()=]*?\bfrom\s*)?(['"])([^'"\n]+)\2/gm;
  const call = /\b(?:import|require)\s*\(\s*(['"])([^'"\n]+)\1/g;
  return [
    ...[...code.matchAll(statement)].map((match) => ({
      target: resolve(file, match[3] ?? ''),
      typeOnly: match[1] === 'type',
    })),
    ...[...code.matchAll(call)].map((match) => ({
      target: resolve(file, match[2] ?? ''),
      typeOnly: false,
    })),
  ];
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** Blanks comments and keeps lines. Strings, templates and regular expressions hide comment signs. */
function withoutComments(text: string): string {
  const token =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[(,=:[!&|?{};>\n]\s*|\breturn\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (found) =>
    /^\/[/*]/.test(found) ? found.replace(/[^\n]/g, ' ') : found,
  );
}
