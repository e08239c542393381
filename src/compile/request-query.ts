import { readerOf, type Value } from '../expression/template.ts';
import type { Scope } from '../plan/plan.ts';
import { authenticationOf } from './authentication.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import { encodeLiteral, encodeQueryValue, percentEncode, queryEncoder } from './encode.ts';
import type { ParameterValues } from './parameter-values.ts';
import type { QueryPair } from './path.ts';
import { foldConstants, type Piece, type Write } from './write.ts';

export interface QueryPlan {
  /** What is the same for every caller, encoded, without `?`. */
  readonly constant: string;
  readonly dynamic: readonly Write[];
}

/**
 * The path's own query, then given parameters, then a credential that stands in the query. A given
 * parameter takes the place of the path's own pairs of its name, a credential that of either.
 */
export function compileQuery(
  compilation: Compilation,
  target: ConsumedTarget,
  values: ParameterValues,
): QueryPlan {
  const { query, caller } = authenticationOf(target);
  const credential = new Map<string, Piece>(
    query.map(([name, value]) => [name, `${percentEncode(name)}=${percentEncode(value)}`]),
  );
  if (caller?.in === 'query' && values.caller !== undefined)
    credential.set(caller.name, callerPiece(caller.name, values.caller));
  const given = new Map<string, Given>();
  for (const entry of target.parameters) {
    const { name, in: place } = entry.parameter;
    const value = values.of(entry);
    if (place === 'query' && value !== undefined && !credential.has(name))
      given.set(name, { value, write: queryPiece(compilation, entry, value) });
  }
  const pieces: Piece[] = [];
  for (const pair of target.path.query) {
    if (credential.has(pair.name)) continue;
    const own = pairPiece(compilation, target, pair, values);
    const replacement = given.get(pair.name)?.value;
    if (replacement === undefined) pieces.push(own);
    else if ('read' in replacement) pieces.push(unlessGiven(replacement.read, own));
  }
  pieces.push(...[...given.values()].map(({ write }) => write));
  pieces.push(...credential.values());
  return {
    constant: pieces.filter((piece) => typeof piece === 'string' && piece !== '').join('&'),
    dynamic: pieces.filter((piece) => typeof piece === 'function'),
  };
}

type Read = (scope: Scope) => unknown;

interface Given {
  readonly value: Value;
  readonly write: Piece;
}

const unlessGiven =
  (read: Read, own: Piece): Write =>
  (scope, refuse) => {
    if (read(scope) !== undefined) return '';
    return typeof own === 'string' ? own : own(scope, refuse);
  };

/** A pair of the path's own query; one whose variable is absent is left out. */
function pairPiece(
  compilation: Compilation,
  target: ConsumedTarget,
  pair: QueryPair,
  values: ParameterValues,
): Piece {
  const readers: Read[] = [];
  const pieces = pair.parts.map((part): Piece => {
    if ('text' in part) return encodeLiteral(part.text);
    const name = part.variable;
    const value = values.byName.get(name) ?? useVariable(compilation, name, target.pathPointer);
    if (typeof value !== 'object') return '';
    if ('constant' in value) {
      return encodeQueryValue(name, value.constant, (_, why) =>
        compilation.report(
          'VALUE_NOT_ALLOWED',
          target.pathPointer,
          `The value of {${name}} ${why}.`,
        ),
      );
    }
    readers.push(value.read);
    return valueWriter(value.read, value.input ?? name);
  });
  const folded = foldConstants(pieces);
  return typeof folded === 'string' ? folded : pairWriter(readers, folded);
}

const valueWriter =
  (read: Read, input: string): Write =>
  (scope, refuse) =>
    encodeQueryValue(input, read(scope), refuse);

const pairWriter = (readers: readonly Read[], pieces: readonly Write[]): Write =>
  function writePair(scope, refuse) {
    if (readers.some((read) => read(scope) === undefined)) return '';
    let text = '';
    for (const write of pieces) text += write(scope, refuse);
    return text;
  };

function callerPiece(name: string, value: Value): Write {
  const encode = queryEncoder(name, { style: 'form', explode: true });
  const input = 'read' in value ? (value.input ?? name) : name;
  return queryWriter(readerOf(value), input, encode);
}

const queryWriter = (read: Read, input: string, encode: ReturnType<typeof queryEncoder>): Write =>
  function writeQuery(scope, refuse) {
    const given = read(scope);
    return given === undefined ? '' : encode(given, input, refuse);
  };

function queryPiece(compilation: Compilation, entry: PlacedParameter, value: Value): Piece {
  const { name, style = 'form', explode = style === 'form' } = entry.parameter;
  const encode = queryEncoder(name, { style, explode });
  if ('constant' in value) {
    return encode(value.constant, name, (_, why) =>
      compilation.report('VALUE_NOT_ALLOWED', entry.pointer, `The value of "${name}" ${why}.`),
    );
  }
  return queryWriter(value.read, value.input ?? name, encode);
}
