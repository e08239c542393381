// The usual way to load a folder of files: each parsed by yaml and checked by Ajv.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const [, , folder, schemaFile] = process.argv;
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const validate = new Ajv2020({ strict: false, allErrors: true, logger: false }).compile(schema);
let wrong = 0;
for (const name of fs.readdirSync(folder)) {
  if (!validate(parse(fs.readFileSync(path.join(folder, name), 'utf8')))) wrong += 1;
}
process.stdout.write(`${wrong}\n`);
