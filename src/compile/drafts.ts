import type { ExposedParameter, ParameterShape } from '../document/document.ts';
import type { Select } from '../expression/jsonpath.ts';
import type { Value } from '../expression/template.ts';
import type { InputPlace, InputType } from '../plan/plan.ts';
import type { ConsumedTarget } from './consumes.ts';
import { fixedContentType } from './content-type.ts';
import { isJsonType } from './headers.ts';
import { declaredType, isRealText } from './input-type.ts';
import { placeOf, type Use } from './use.ts';

/** An input while it is being gathered. */
export interface Draft {
  readonly name: string;
  readonly pointer: string;
  readonly derived: boolean;
  readonly shape: ParameterShape;
  /** A declared input with a value of its own: callers cannot give it. */
  readonly fixed: Value | undefined;
  /** Reads it out of the body of a REST request. */
  readonly select: Select | undefined;
  type: InputType | undefined;
  place: InputPlace | undefined;
  required: boolean;
  /** What it feeds, counted. */
  uses: number;
  isWholeBody: boolean;
  /** A credential. */
  secret: boolean;
}

export function declaredDraft(
  parameter: ExposedParameter,
  pointer: string,
  face: 'rest' | 'mcp',
  { fixed, select }: { readonly fixed?: Value | undefined; readonly select?: Select | undefined },
): Draft {
  const place = select === undefined ? placeOf(parameter.in) : 'body';
  return {
    name: parameter.name,
    pointer,
    derived: false,
    shape: parameter,
    fixed,
    select,
    type: declaredType(parameter),
    place,
    // Tools say of optional inputs `required: false`; REST inputs are optional unless they say so.
    required: parameter.required ?? (face === 'mcp' || place === 'path'),
    uses: 0,
    isWholeBody: false,
    secret: false,
  };
}

/** An input that follows from what it is first used for. */
function derivedDraft(target: ConsumedTarget | undefined, name: string, use: Use): Draft {
  const description =
    use.shape.description ??
    (use.fillsPath && target !== undefined
      ? `Fills {${use.name}} in ${target.method} ${target.path.text}`
      : undefined);
  return {
    name,
    pointer: use.pointer,
    derived: true,
    shape: description === undefined ? use.shape : { ...use.shape, description },
    fixed: undefined,
    select: undefined,
    type: declaredType(use.shape),
    place: use.place,
    required: use.required,
    uses: 0,
    isWholeBody: false,
    secret: false,
  };
}

/** The value of an input for one more use; one that is not among the drafts yet follows from it. */
export function takeDraft(
  drafts: Map<string, Draft>,
  name: string,
  use: Use,
  target: ConsumedTarget | undefined,
): Value {
  let draft = drafts.get(name);
  if (draft === undefined) {
    draft = derivedDraft(target, name, use);
    drafts.set(name, draft);
  }
  addUse(draft, use);
  return draft.fixed ?? { read: (scope) => scope.input[name], input: name };
}

/** Notes one more use of an input; the first decides what the file leaves open. */
function addUse(draft: Draft, use: Use): void {
  draft.uses += 1;
  draft.secret ||= use.secret === true;
  draft.isWholeBody ||= use.isWholeBody && draft.select === undefined;
  draft.place ??= use.place;
  draft.type ??= declaredType(use.shape);
  if (use.fillsPath || draft.derived || use.secret === true) draft.required ||= use.required;
}

/**
 * The type that is checked. A JSON body that is declared as text is what generators write for lack of
 * knowledge: it is whatever JSON the operation takes, as a value or as JSON text.
 */
export function typeOf(draft: Draft, target: ConsumedTarget | undefined): InputType {
  const type = draft.type ?? 'string';
  const isGuess = type === 'string' && draft.isWholeBody && !isRealText(draft.shape);
  return isGuess && (target === undefined || takesJson(target)) ? 'any' : type;
}

/** False when the file fixes a content type other than JSON. */
export function takesJson(target: ConsumedTarget): boolean {
  const fixed = fixedContentType(target);
  return fixed === undefined || isJsonType(fixed);
}
