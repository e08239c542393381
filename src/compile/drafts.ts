import type { ExposedParameter, ParameterShape } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { compileTemplate, hasTags, type Value } from '../expression/template.ts';
import type { InputPlace, InputType } from '../plan/plan.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import type { ExposedSide } from './exposed-side.ts';
import { isDescriptiveHeader } from './headers.ts';
import { inputTypeOf } from './types.ts';

/** An input while it is being gathered. */
export interface Draft {
  readonly name: string;
  readonly shape: ParameterShape;
  readonly type: InputType;
  required: boolean;
  readonly in: InputPlace;
  readonly whole: boolean;
  readonly derived: boolean;
  readonly pointer: string;
  used: boolean;
}

/** A declared input: a draft, or a feed when its value is fixed. */
export function declare(
  compilation: Compilation,
  side: ExposedSide,
  parameter: ExposedParameter,
  pointer: string,
  drafts: Map<string, Draft>,
  feeds: Map<string, Value>,
): void {
  if (parameter.value !== undefined) {
    if (typeof parameter.value === 'string' && parameter.value.startsWith('$')) {
      compilation.report(
        'NOT_SERVED_YET',
        pointerOf(pointer, 'value'),
        'A JSONPath into the request body is not served yet.',
      );
      return;
    }
    const fixed = compileFixed(compilation, parameter.value, pointerOf(pointer, 'value'));
    if (fixed !== undefined) feeds.set(parameter.name, fixed);
    return;
  }
  const place = placeOf(parameter.in) ?? 'body';
  drafts.set(parameter.name, {
    name: parameter.name,
    shape: parameter,
    type: inputTypeOf(parameter.type, place === 'body' ? 'any' : 'string'),
    // Tools declare optional inputs with `required: false`; REST ones are optional unless they say so or stand in the path.
    required: parameter.required ?? (side.face === 'mcp' || place === 'path'),
    in: place,
    whole: false,
    derived: false,
    pointer,
    used: false,
  });
}

function compileFixed(
  compilation: Compilation,
  value: unknown,
  pointer: string,
): Value | undefined {
  if (typeof value !== 'string' || !hasTags(value)) return { constant: value };
  return compileTemplate(value, (name) => {
    const found = useVariable(compilation, name, pointer);
    if (found === undefined) {
      compilation.report(
        'VARIABLE_UNKNOWN',
        pointer,
        `{{${name}}} names nothing: no bind of this file gives it.`,
      );
    }
    return found === 'missing' ? undefined : found;
  });
}

/**
 * A consumed parameter is required of callers as its file says, but not a header by which a message
 * describes itself: the gateway writes the message, and a condition is the caller's to set or not.
 */
export const isRequired = (like: PlacedParameter | undefined): boolean => {
  if (like === undefined) return false;
  const { parameter } = like;
  if (parameter.in === 'header' && isDescriptiveHeader(parameter.name)) return false;
  return parameter.in === 'path' || parameter.required === true;
};

export const optional = (like: PlacedParameter): PlacedParameter => ({
  ...like,
  parameter: { ...like.parameter, required: false },
});

const PLACES: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie', 'body']);
const placeOf = (place: string | undefined): InputPlace | undefined =>
  place !== undefined && PLACES.has(place) ? (place as InputPlace) : undefined;

const bodyParameters = (target: ConsumedTarget): number =>
  target.parameters.filter(({ parameter }) => parameter.in === 'body').length;

/** An input that follows from the consumed parameter it feeds. */
export function deriveDraft(
  name: string,
  like: PlacedParameter | undefined,
  target: ConsumedTarget,
  pointer: string,
): Draft {
  const place = placeOf(like?.parameter.in) ?? 'query';
  const whole = place === 'body' && bodyParameters(target) === 1;
  const declared = like?.parameter.type;
  // A body that generators declare as text is really whatever JSON the operation takes.
  const type =
    place === 'body' && (declared === undefined || declared === 'string')
      ? 'any'
      : inputTypeOf(declared);
  return {
    name,
    shape: like?.parameter ?? {},
    type,
    required: isRequired(like),
    in: place,
    whole,
    derived: true,
    pointer: like?.pointer ?? pointer,
    used: true,
  };
}

/** A path variable that nothing feeds is a required input of its name. */
export function deriveImplicit(
  drafts: Map<string, Draft>,
  name: string,
  like: PlacedParameter | undefined,
  target: ConsumedTarget,
  side: ExposedSide,
): Value {
  const shape: ParameterShape = like?.parameter ?? {};
  drafts.set(name, {
    name,
    shape:
      shape.description === undefined
        ? { ...shape, description: `Fills {${name}} in ${target.method} ${target.path.text}` }
        : shape,
    type: inputTypeOf(shape.type),
    required: true,
    in: 'path',
    whole: false,
    derived: true,
    pointer: side.pointer,
    used: true,
  });
  return { read: (scope) => scope.input[name] };
}
