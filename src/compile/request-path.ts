import { pointerOf } from '../document/source.ts';
import type { Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { encodeLiteral, encodeTrustedPath } from './encode.ts';
import type { PathPart } from './path.ts';
import { type EncodePath, type PathStyle, pathEncoder } from './path-style.ts';
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
  const encode = pathEncoder(name, styleOf(compilation, target, name));
  const value = values.get(name);
  if (value === undefined) {
    const bound = useVariable(compilation, name, target.pathPointer);
    return typeof bound === 'object' ? encodeTrustedPath(bound.constant) : '';
  }
  if ('constant' in value) {
    return encode(value.constant, name, (_, why) =>
      compilation.report(
        'VALUE_NOT_ALLOWED',
        target.pathPointer,
        `The value of {${name}} in "${target.path.text}" ${why}.`,
      ),
    );
  }
  return pathWriter(value.read, value.input ?? name, encode);
}

const pathWriter =
  (read: (scope: Scope) => unknown, input: string, encode: EncodePath): Write =>
  (scope, refuse) =>
    encode(read(scope), input, refuse);

/** undefined where the parameter declares none; one that no path can have is reported. */
function styleOf(
  compilation: Compilation,
  target: ConsumedTarget,
  name: string,
): PathStyle | undefined {
  const like = target.byName.get(name);
  if (like === undefined || like.parameter.in !== 'path') return undefined;
  const { style, explode = false } = like.parameter;
  if (style === undefined && like.parameter.explode === undefined) return undefined;
  if (style === undefined || style === 'simple' || style === 'label' || style === 'matrix')
    return { style: style ?? 'simple', explode };
  compilation.report(
    'VALUE_NOT_ALLOWED',
    pointerOf(like.pointer, 'style'),
    `A path parameter is written in the style simple, label or matrix, not ${style}.`,
  );
  return undefined;
}
