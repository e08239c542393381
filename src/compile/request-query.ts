import { pointerOf } from '../document/source.ts';
import { readerOf, toText, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import { encodeQuery, percentEncode, type Refuse } from './encode.ts';
import type { ParameterValues } from './parameter-values.ts';
import type { PathPart } from './path.ts';
import { constantWrite, foldConstants, type MaybeConstant, type Write } from './write.ts';

export interface QueryPlan {
  /** What is the same for every caller, encoded, without `?`. */
  readonly constant: string;
  readonly dynamic: readonly Write[];
}

/** The path's own query, then given parameters, then a credential that stands in the query. */
export function compileQuery(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
): QueryPlan {
  const constant: string[] = [];
  const dynamic: Write[] = [];
  const credential = new Map(target.block.authentication.query);
  const parameters = target.parameters.filter(
    ({ parameter }) => parameter.in === 'query' && !credential.has(parameter.name),
  );
  const given = new Map(
    parameters.flatMap((entry) => {
      const value = values.of(entry);
      return value === undefined ? [] : [[entry.parameter.name, { entry, value }] as const];
    }),
  );

  for (const pair of target.path.query) {
    if (credential.has(pair.name)) continue;
    const own = pair.parts === undefined ? escapeQueryText(pair.name) : undefined;
    const parts =
      pair.parts?.map((part) => compileQueryPart(compilation, target, part, values.byName)) ?? [];
    const writeOwn = foldConstants(
      own !== undefined
        ? [constantWrite(own)]
        : [constantWrite(`${escapeQueryText(pair.name)}=`), ...parts],
    );
    const replacement = given.get(pair.name);
    if (replacement === undefined) {
      if (typeof writeOwn === 'string') constant.push(writeOwn);
      else dynamic.push((scope, refuse) => writeOwn.map((write) => write(scope, refuse)).join(''));
      continue;
    }
    given.delete(pair.name);
    const writeGiven = queryWriter(replacement.entry, readerOf(replacement.value));
    const writeElse =
      typeof writeOwn === 'string'
        ? () => writeOwn
        : (scope: Scope, refuse: Refuse) => writeOwn.map((write) => write(scope, refuse)).join('');
    const read = readerOf(replacement.value);
    dynamic.push((scope, refuse) =>
      read(scope) === undefined ? writeElse(scope, refuse) : writeGiven(scope, refuse),
    );
  }
  for (const { entry, value } of given.values()) {
    if ('constant' in value) {
      const text = encodeQuery(entry.parameter.name, value.constant, styleOf(entry), () => {});
      if (text !== '') constant.push(text);
    } else dynamic.push(queryWriter(entry, value.read));
  }
  for (const [name, value] of credential)
    constant.push(`${percentEncode(name)}=${percentEncode(value)}`);
  return { constant: constant.join('&'), dynamic };
}

function compileQueryPart(
  compilation: Compilation,
  target: ConsumedTarget,
  part: PathPart,
  values: ReadonlyMap<string, Value>,
): MaybeConstant {
  if ('text' in part) return constantWrite(escapeQueryText(part.text));
  const value = values.get(part.variable);
  if (value !== undefined && 'read' in value) {
    const name = part.variable;
    return {
      write(scope, refuse) {
        const encoded = percentEncode(toText(value.read(scope)));
        if (encoded === undefined)
          refuse(name, 'holds a broken character (half of a surrogate pair)');
        return encoded ?? '';
      },
    };
  }
  const bound = value ?? useVariable(compilation, part.variable, pointerOf(target.pointer, '..'));
  return constantWrite(
    bound !== undefined && bound !== 'missing' && 'constant' in bound
      ? (percentEncode(toText(bound.constant)) ?? '')
      : '',
  );
}

const escapeQueryText = (text: string): string =>
  text.replace(/[^\w\-.~!$'()*+,;:@/?%=[\]]/gu, (character) => percentEncode(character) ?? '');

function queryWriter(entry: PlacedParameter, read: (scope: Scope) => unknown): Write {
  const { name } = entry.parameter;
  const style = styleOf(entry);
  return function writeQuery(scope, refuse) {
    const value = read(scope);
    return value === undefined ? '' : encodeQuery(name, value, style, refuse);
  };
}

const styleOf = ({ parameter }: PlacedParameter) => {
  const style = parameter.style ?? 'form';
  return { style, explode: parameter.explode ?? style === 'form' };
};
