import type { CapabilityDocument } from './document.ts';
import type { Finding } from './finding.ts';
import type { Source } from './source.ts';

export function checkNames(_document: CapabilityDocument, _source: Source): Finding[] { return []; }
