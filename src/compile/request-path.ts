import { pointerOf } from '../document/source.ts';
import type { Value } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { encodeLiteral, encodePathValue, encodeTrustedPath } from './encode.ts';
import type { PathPart } from './path.ts';
import { foldConstants, type Piece, type Write } from './write.ts';

/** Base path and consumed path, joined with exactly one slash; without a consumed path the base alone. */
export function compilePath(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ReadonlyMap<string, Value>,
): string | readonly Write[] {
  const base = target.block.base.path;
  const [first, ...rest] = target.path.parts;
  if (first === undefined) return base === '' ? '/' : base;
  const lead = 'text' in first ? [{ text: first.text.replace(/^\/+/, '') }] : [first];
  return foldConstants([
    `${base}/`,
    ...[...lead, ...rest].map((part) => compilePart(compilation, target, part, values)),
  ]);
}

function compilePart(
  compilation: Compilation,
  target: ConsumedTarget,
  part: PathPart,
  values: ReadonlyMap<string, Value>,
): Piece {
  if ('text' in part) return encodeLiteral(part.text);
  const name = part.variable;
  refuseStyle(compilation, target, name);
  const value = values.get(name);
  if (value === undefined) {
    const bound = useVariable(compilation, name, target.pathPointer);
    return typeof bound === 'object' ? encodeTrustedPath(bound.constant) : '';
  }
  if ('constant' in value) {
    return encodePathValue(name, value.constant, (_, why) =>
      compilation.report(
        'VALUE_NOT_ALLOWED',
        target.pathPointer,
        `The value of {${name}} in "${target.path.text}" ${why}.`,
      ),
    );
  }
  const { read, input = name } = value;
  return (scope, refuse) => encodePathValue(input, read(scope), refuse);
}

function refuseStyle(compilation: Compilation, target: ConsumedTarget, name: string): void {
  const like = target.byName.get(name);
  const style = like?.parameter.style;
  if (like === undefined || (style !== 'label' && style !== 'matrix')) return;
  compilation.report(
    'NOT_SERVED_YET',
    pointerOf(like.pointer, 'style'),
    `The style ${style} of a path parameter is not served yet; simple is.`,
  );
}
