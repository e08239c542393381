import type { CapabilityDocument } from '../document/document.ts';
import { nearest } from '../document/suggest.ts';
import type { GatewayOptions } from './options.ts';

/** An option that no file can fulfil, in a sentence that says what would be right. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OptionError';
  }
}

const LISTED = 10;

/**
 * Options that are given by namespace silently do nothing when no file has the namespace.
 * @throws OptionError for the first such option
 */
export function checkNamespaces(
  documents: readonly CapabilityDocument[],
  { ports, baseUris, mockOpenapi }: GatewayOptions,
): void {
  const consumed = documents.flatMap(({ consumes = [], capability }) =>
    [...consumes, ...(capability?.consumes ?? [])].flatMap((entry) =>
      'import' in entry ? [] : [entry.namespace],
    ),
  );
  const exposed = documents.flatMap(({ capability }) =>
    (capability?.exposes ?? []).map(({ namespace, type }) => namespace ?? type),
  );
  check('--port', ports, 'expose', exposed);
  check('--base-uri', baseUris, 'consumed API', consumed);
  check('--mock-openapi', mockOpenapi, 'consumed API', consumed);
}

function check(option: string, given: object | undefined, what: string, all: string[]): void {
  const known = new Set(all);
  for (const namespace of Object.keys(given ?? {})) {
    if (known.has(namespace)) continue;
    const near = nearest(namespace, known);
    throw new OptionError(
      `${option} ${namespace}=…: no ${what} has the namespace "${namespace}".${
        near === undefined ? '' : ` Did you mean "${near}"?`
      } ${listOf(what, [...known])}`,
    );
  }
}

function listOf(what: string, known: readonly string[]): string {
  if (known.length === 0) return `The files have no ${what}.`;
  const more = known.length > LISTED ? `, and ${known.length - LISTED} more` : '';
  return `Known: ${known.slice(0, LISTED).join(', ')}${more}.`;
}
