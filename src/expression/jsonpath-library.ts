import { createRequire } from 'node:module';
import { late } from '../late.ts';

const require = createRequire(import.meta.url);

/** The parser of RFC 9535, loaded at the first path that is more than names and indices. */
export const rfcLibrary = late(() => require('json-p3') as typeof import('json-p3'));

/** The reader of names that are none of RFC 9535. */
export const plainLibrary = late(() => require('jsonpath-plus') as typeof import('jsonpath-plus'));
