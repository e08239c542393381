import type { Options, ValidateFunction } from 'ajv/dist/2020.js';
import { createAjv } from './ajv.ts';

/** How the accepting schema is compiled; the build says the same, with code as its result. */
export const ACCEPTING: Options = {
  allErrors: true,
  verbose: true,
  strict: false,
  // A test judges the schema itself, so start-up need not.
  meta: false,
  validateSchema: false,
  inlineRefs: false,
};

/**
 * The check of a whole document. The build puts generated code in the place of this module, because
 * compiling takes longer than all else at load; what runs from source compiles, when first asked.
 */
export function compileAccepting(schema: object): ValidateFunction {
  // The compiled code runs once a file, which an optimized one does not make up for.
  return createAjv({ ...ACCEPTING, code: { optimize: false } }).compile(schema);
}
