import type { Json } from '../plan/plan.ts';
import { plainLibrary } from './jsonpath-library.ts';
import type { Segment } from './jsonpath-query.ts';

/** Letters, digits, hyphens and spaces: nothing of it is a sign of the library's own language. */
const PLAIN_NAME = /^[\w\u0080-\uffff](?:[\w\u0080-\uffff -]*[\w\u0080-\uffff])?$/;

/**
 * Reads a place that is named by names after dots, of which some are none of RFC 9535: they hold
 * hyphens or spaces, or begin with a digit. jsonpath-plus answers these; nothing in a path is run.
 * Undefined when it would answer otherwise than RFC 9535 does of the same names in brackets: it looks
 * into lists and texts for `length` and for numbers, and other signs than these select.
 */
export function compilePlainNames(
  segments: readonly Segment[],
): ((value: Json) => Json | undefined) | undefined {
  const names = segments.flatMap((segment) => (isPlain(segment) ? [segment.name] : []));
  if (names.length === 0 || names.length < segments.length) return undefined;
  const path = ['$', ...names];
  const { JSONPath } = plainLibrary();
  const reader = JSONPath({ autostart: false, wrap: false, eval: false, path, json: null });
  return function selectPlainNames(value) {
    if (typeof value !== 'object' || value === null) return undefined;
    return reader.evaluate(path, value as object, undefined, undefined) as Json | undefined;
  };
}

const isPlain = (segment: Segment): segment is Segment & { readonly kind: 'name' } =>
  segment.kind === 'name' &&
  PLAIN_NAME.test(segment.name) &&
  segment.name !== 'length' &&
  !/^\d+$/.test(segment.name);
