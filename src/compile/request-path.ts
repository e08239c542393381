import { pointerOf } from '../document/source.ts';
import type { Value } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget } from './consumes.ts';
import { encodePathValue, encodeTrustedPath, percentEncode } from './encode.ts';
import type { PathPart } from './path.ts';
import { constantWrite, foldConstants, type MaybeConstant, type Write } from './write.ts';

/** Base path and consumed path, joined with exactly one slash. */
export function compilePath(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ReadonlyMap<string, Value>,
): string | readonly Write[] {
  const { base } = target.block;
  const { parts } = target.path;
  const first = parts[0];
  const startsWithSlash = first !== undefined && 'text' in first && first.text.startsWith('/');
  const lead = base.path + (startsWithSlash ? '' : '/');
  const writes = [
    constantWrite(lead),
    ...parts.map((part) => compilePart(compilation, target, part, values)),
  ];
  return foldConstants(writes);
}

function compilePart(
  compilation: Compilation,
  target: ConsumedTarget,
  part: PathPart,
  values: ReadonlyMap<string, Value>,
): MaybeConstant {
  if ('text' in part) return constantWrite(escapeLiteral(part.text));
  const name = part.variable;
  const value = values.get(name);
  if (value === undefined) {
    const bound = part.tag
      ? useVariable(compilation, name, pointerOf(target.pointer, '..'))
      : undefined;
    return constantWrite(
      bound !== undefined && bound !== 'missing' && 'constant' in bound
        ? encodeTrustedPath(bound.constant)
        : '',
    );
  }
  if ('constant' in value) return constantWrite(encodeTrustedPath(value.constant));
  const { read } = value;
  return { write: (scope, refuse) => encodePathValue(name, read(scope), refuse) };
}

/** The author's own path text: spaces and other characters that no URL holds are encoded, the rest stays. */
const escapeLiteral = (text: string): string =>
  text.replace(/[^\w\-.~!$&'()*+,;=:@/%]/gu, (character) => percentEncode(character) ?? '');
