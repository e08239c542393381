// The check of capability files as code, made at build: compiling it takes a third of a second,
// loading it a few milliseconds. Run by tsx, which reads the options out of src/.
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { ACCEPTING } from '../../src/document/accepting.ts';

const SCHEMA = path.join(import.meta.dirname, '..', '..', 'schemas', 'capability.schema.json');

/**
 * A module that gives what `src/document/accepting.ts` gives. Its errors carry parts of the very
 * schema it is handed, as explanations find the names of things by them.
 * @returns {string}
 */
export function acceptingModule() {
  const schema = JSON.parse(fs.readFileSync(SCHEMA, 'utf8'));
  const ajv = new Ajv2020({ ...ACCEPTING, code: { source: true, lines: true } });
  const lines = standalone.default(ajv, ajv.compile(schema)).split('\n');
  const imports = [];
  const parts = [];
  let name = '';
  const body = lines.flatMap((line) => {
    const exported = /^module\.exports = (\w+);$/.exec(line);
    if (exported !== null) {
      name = exported[1];
      return [];
    }
    if (line === '"use strict";' || line.startsWith('module.exports.default')) return [];
    const [, constant, value] = /^const (\w+) = (.*);$/.exec(line) ?? [];
    const helper = /^require\("(.*)"\)\.default$/.exec(value ?? '')?.[1];
    if (helper !== undefined) {
      imports.push(`import ${constant}_module from '${helper}.js';`);
      return [`const ${constant} = ${constant}_module.default;`];
    }
    if (!/^schema\d+$/.test(constant)) return [line];
    parts.push(`${constant} = ${partOf(schema, value)};`);
    return [`let ${constant};`];
  });
  if (name === '') throw new Error('Ajv writes code in another form than is read here.');
  const compile = ['export function compileAccepting(schema) {', ...parts, `return ${name};`, '}'];
  return [...imports, ...compile, ...body, ''].join('\n');
}

/** The expression that names the part of the schema which `text` spells out. */
function partOf(schema, text) {
  if (text === JSON.stringify(schema)) return 'schema';
  const found = Object.keys(schema.$defs).find((key) => JSON.stringify(schema.$defs[key]) === text);
  if (found === undefined) throw new Error(`No definition of the schema reads ${text}`);
  return `schema.$defs[${JSON.stringify(found)}]`;
}
