import type { ConsumedParameter, ParameterShape } from '../document/document.ts';
import type { InputPlace } from '../plan/plan.ts';
import { authenticationOf } from './authentication.ts';
import type { ConsumedTarget } from './consumes.ts';
import { isDescriptiveHeader } from './headers.ts';

/** What an input is wanted for: a parameter, path variable or template name of the called operation. */
export interface Use {
  /** The name on the consumed side. */
  readonly name: string;
  readonly place: InputPlace;
  readonly shape: ParameterShape;
  readonly pointer: string;
  readonly required: boolean;
  /** Without it the path cannot be written. */
  readonly fillsPath: boolean;
  /** It is the whole body of the upstream request, as it is. */
  readonly isWholeBody: boolean;
  /** It is a credential: no text shows its value. */
  readonly secret?: true;
}

/** The use of the credential that a caller has of his own; undefined where there is none. */
export function callerUse(target: ConsumedTarget): Use | undefined {
  const { caller } = authenticationOf(target);
  if (caller === undefined) return undefined;
  const { input, required, description, pointer } = caller;
  return {
    name: input,
    place: 'header',
    shape: { type: 'string', description },
    pointer,
    required,
    fillsPath: false,
    isWholeBody: false,
    secret: true,
  };
}

/** @param pointer of what asks for it, when the consumed side declares nothing of the name */
export function useOf(target: ConsumedTarget, name: string, pointer: string): Use {
  const like = target.byName.get(name);
  const isImplicit = like === undefined && target.path.variables.includes(name);
  const fillsPath = isImplicit || isInPath(target, name);
  return {
    name,
    place: placeOf(like?.parameter.in) ?? placeOfUndeclared(target, isImplicit),
    shape: like?.parameter ?? {},
    pointer: like?.pointer ?? pointer,
    required: fillsPath || target.parameters.some((entry) => isDemanded(entry.parameter, name)),
    fillsPath,
    isWholeBody: like?.parameter.in === 'body' && takesWholeBody(target),
  };
}

/** The use of an input that is only a piece of what a template writes. */
export const pieceOf = (use: Use): Use => ({ ...use, shape: {}, isWholeBody: false });

/** The use of an input that no consumed parameter asks for. */
export const plainUse = (name: string, pointer: string): Use => ({
  name,
  place: 'query',
  shape: {},
  pointer,
  required: false,
  fillsPath: false,
  isWholeBody: false,
});

const isInPath = (target: ConsumedTarget, name: string): boolean =>
  target.path.parts.some((part) => 'variable' in part && part.variable === name);

/** One body parameter is the whole body; several are its fields, or fill its template. */
const takesWholeBody = (target: ConsumedTarget): boolean =>
  target.operation.body === undefined &&
  target.parameters.filter(({ parameter }) => parameter.in === 'body').length === 1;

/**
 * A required parameter is required of callers, but not a header by which a message describes itself:
 * the gateway writes the message, and a condition is the caller's to set or not.
 */
function isDemanded(parameter: ConsumedParameter, name: string): boolean {
  if (parameter.name !== name || parameter.value !== undefined) return false;
  return parameter.required === true && !(parameter.in === 'header' && isDescriptiveHeader(name));
}

/** A name in the templates of a body is a field of the caller's body, too. */
function placeOfUndeclared(target: ConsumedTarget, isImplicit: boolean): InputPlace {
  if (isImplicit) return 'path';
  return target.operation.body === undefined ? 'query' : 'body';
}

const PLACES: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie', 'body']);

export const placeOf = (place: string | undefined): InputPlace | undefined =>
  place !== undefined && PLACES.has(place) ? (place as InputPlace) : undefined;
