import type { Finding } from './finding.ts';
import type { Source } from './source.ts';

export function checkDocument(_value: unknown, _source: Source, _options: { readonly strict?: boolean } = {}): Finding[] { return []; }
