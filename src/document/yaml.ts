import { createRequire } from 'node:module';
import { late } from '../late.ts';

const require = createRequire(import.meta.url);

/** The library that knows all of YAML, for files in which something is wrong or unusual. */
export const yamlLibrary = late(() => require('yaml') as typeof import('yaml'));
