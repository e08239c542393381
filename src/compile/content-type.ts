import type { ConsumedTarget } from './consumes.ts';

/** The Content-Type that the file fixes for a consumed operation. */
export function fixedContentType(target: ConsumedTarget): string | undefined {
  const headers = [
    ...Object.entries(target.block.consumes.headers ?? {}),
    ...target.parameters
      .filter(({ parameter }) => parameter.in === 'header')
      .map(({ parameter }) => [parameter.name, parameter.value] as const),
  ];
  const fixed = headers.findLast(
    ([name, value]) => name.toLowerCase() === 'content-type' && typeof value === 'string',
  );
  return fixed?.[1] as string | undefined;
}
