import { createRequire } from 'node:module';
import type { Ajv2020, Options } from 'ajv/dist/2020.js';

const require = createRequire(import.meta.url);

/** The package is loaded at the first call: most files hold no schema of their own. */
export function createAjv(options: Options): Ajv2020 {
  const ajv = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  return new ajv.Ajv2020(options);
}

/** As `createAjv`, with the formats that JSON Schema names. */
export function createAjvWithFormats(options: Options): Ajv2020 {
  const ajv = createAjv(options);
  const { default: addFormats } = require('ajv-formats') as typeof import('ajv-formats');
  addFormats.default(ajv);
  return ajv;
}
