import { type NotServed, unservedIn } from '../document/not-served.ts';
import { pointerOf } from '../document/source.ts';
import type { Compilation } from './compilation.ts';

/** Tells what a part of the file asks for and this version does not serve, each at its key. */
export function reportUnserved(
  compilation: Compilation,
  kind: NotServed['in'],
  written: unknown,
  pointer: string,
  rest: string,
): void {
  for (const { what, at, severity } of unservedIn(kind, written)) {
    compilation.report(
      'NOT_SERVED_YET',
      pointerOf(pointer, ...at),
      `${what} not served yet; ${rest}`,
      { severity, at: 'key' },
    );
  }
}
