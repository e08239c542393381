import type { Exposed, ExposedParameter, ParameterShape } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { splitReference } from '../expression/reference.ts';
import { compileTemplate, hasTags, type Value } from '../expression/template.ts';
import type { InputPlace, InputPlan, InputType, Json } from '../plan/plan.ts';
import { type Compilation, useVariable } from './compilation.ts';
import type { ConsumedTarget, PlacedParameter } from './consumes.ts';
import { isDescriptiveHeader, isManagedHeader } from './headers.ts';
import { assignKeys } from './keys.ts';
import { matchRouteVariables } from './route-variables.ts';
import { acceptOf, inputTypeOf, schemaOf } from './types.ts';

/** The exposed operation or tool whose inputs are wanted. */
export interface ExposedSide {
  readonly face: 'rest' | 'mcp';
  readonly namespace: string;
  /** Variables of the REST route; empty for a tool. */
  readonly routeVariables: readonly string[];
  readonly exposed: Exposed;
  readonly pointer: string;
  readonly declared: readonly { readonly parameter: ExposedParameter; readonly pointer: string }[];
}

/** What callers give, and what each consumed parameter gets of it. */
export interface InputsAndFeeds {
  readonly inputs: readonly InputPlan[];
  /** Consumed parameter or template variable → its value. */
  readonly feeds: ReadonlyMap<string, Value>;
}

/** An input while it is being gathered. */
interface Draft {
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

/**
 * The inputs of an exposed operation: the declared ones, else those that follow from `with` and the
 * consumed parameters. Path variables that nothing feeds are inputs in any case.
 */
export function planInputs(
  compilation: Compilation,
  side: ExposedSide,
  target: ConsumedTarget,
): InputsAndFeeds {
  const drafts = new Map<string, Draft>();
  const feeds = new Map<string, Value>();
  const byName = new Map(target.parameters.map((entry) => [entry.parameter.name, entry]));

  for (const { parameter, pointer } of side.declared)
    declare(compilation, side, parameter, pointer, drafts, feeds);
  const declaredAny = side.declared.length > 0;

  const take = (name: string, like: PlacedParameter | undefined, pointer: string): Value => {
    const known = drafts.get(name);
    if (known !== undefined) {
      known.used = true;
      if (known.derived) known.required ||= isRequired(like);
    } else {
      if (declaredAny) reportUndeclared(compilation, name, pointer, side);
      drafts.set(name, deriveDraft(name, like, target, pointer));
    }
    return { read: (scope) => scope.input[name] };
  };

  const unfed = target.path.variables.filter(
    (name) => byName.get(name)?.parameter.value === undefined && !isFedBy(side, name),
  );
  for (const name of unfed) {
    if (feeds.has(name) || isVariableTag(compilation, target, name)) continue;
    if (declaredAny && !drafts.has(name)) {
      const folded = foldedDraft(drafts, name);
      if (folded !== undefined) {
        feeds.set(name, take(folded, undefined, side.pointer));
        continue;
      }
    }
    feeds.set(
      name,
      drafts.has(name)
        ? take(name, undefined, side.pointer)
        : deriveImplicit(drafts, name, byName.get(name), target, side),
    );
  }

  const withPointer = pointerOf(side.pointer, 'with');
  for (const [name, reference] of Object.entries(side.exposed.with ?? {})) {
    const pointer = pointerOf(withPointer, name);
    const like = byName.get(name);
    if (!isTarget(compilation, target, name, like, pointer)) continue;
    const value = compileReference(compilation, side, reference, pointer, (input) =>
      take(input, like, pointer),
    );
    if (value !== undefined) feeds.set(name, value);
  }

  for (const like of target.parameters) {
    const { parameter } = like;
    if (feeds.has(parameter.name) || parameter.value !== undefined) continue;
    if (drafts.has(parameter.name))
      feeds.set(parameter.name, take(parameter.name, like, like.pointer));
    else if (side.exposed.with === undefined && !declaredAny && isPlaceable(target, like)) {
      // The exposed side says nothing of inputs: callers may give this one, the consumed API judges.
      feeds.set(parameter.name, take(parameter.name, optional(like), like.pointer));
    }
  }
  reportUnused(compilation, drafts);
  return { inputs: finish(compilation, side, [...drafts.values()]), feeds };
}

const isFedBy = (side: ExposedSide, name: string): boolean =>
  side.exposed.with !== undefined && Object.hasOwn(side.exposed.with, name);

function declare(
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
const isRequired = (like: PlacedParameter | undefined): boolean => {
  if (like === undefined) return false;
  const { parameter } = like;
  if (parameter.in === 'header' && isDescriptiveHeader(parameter.name)) return false;
  return parameter.in === 'path' || parameter.required === true;
};

const optional = (like: PlacedParameter): PlacedParameter => ({
  ...like,
  parameter: { ...like.parameter, required: false },
});

const PLACES: ReadonlySet<string> = new Set(['path', 'query', 'header', 'cookie', 'body']);
const placeOf = (place: string | undefined): InputPlace | undefined =>
  place !== undefined && PLACES.has(place) ? (place as InputPlace) : undefined;

const bodyParameters = (target: ConsumedTarget): number =>
  target.parameters.filter(({ parameter }) => parameter.in === 'body').length;

function deriveDraft(
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

function deriveImplicit(
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

function foldedDraft(drafts: ReadonlyMap<string, Draft>, name: string): string | undefined {
  const [match] = matchRouteVariables([name], [...drafts.keys()]).values();
  return match;
}

/** `{{VAR}}` in a consumed path that a bind gives is no input. */
function isVariableTag(compilation: Compilation, target: ConsumedTarget, name: string): boolean {
  const parts = [...target.path.parts, ...target.path.query.flatMap((pair) => pair.parts ?? [])];
  const tagged = parts.some((part) => 'variable' in part && part.tag && part.variable === name);
  return tagged && compilation.variables.find(name) !== undefined;
}

/** Where a parameter of the consumed operation can be put at all. */
function isPlaceable(target: ConsumedTarget, { parameter }: PlacedParameter): boolean {
  if (parameter.in === 'path') return target.path.variables.includes(parameter.name);
  return parameter.in !== 'header' || !isManagedHeader(parameter.name);
}

function isTarget(
  compilation: Compilation,
  target: ConsumedTarget,
  name: string,
  like: PlacedParameter | undefined,
  pointer: string,
): boolean {
  if (target.path.variables.includes(name)) return true;
  if (like !== undefined) {
    if (isPlaceable(target, like)) return true;
    if (like.parameter.in === 'path') {
      compilation.report(
        'PARAMETER_UNPLACED',
        pointer,
        `"${name}" is declared in the path of ${target.id}, but "${target.resource.path}" has no {${name}}; it is not sent.`,
        { at: 'key' },
      );
    } else {
      compilation.report(
        'HEADER_MANAGED',
        pointer,
        `The header "${name}" belongs to the connection with the consumed API, so the gateway sets it itself; the input is left out.`,
        { at: 'key' },
      );
    }
    return false;
  }
  if (usesTag(target, name)) return true;
  const known = [
    ...target.parameters.map(({ parameter }) => parameter.name),
    ...target.path.variables,
  ];
  compilation.report(
    'WITH_TARGET_UNKNOWN',
    pointer,
    `"${name}" is neither a parameter nor a path variable of ${target.id} (${target.method} ${target.path.text}); it is not sent.`,
    { at: 'key', suggestion: nearest(name, known) },
  );
  return false;
}

/** A template in the operation's fixed values or body may name a with key that is no parameter. */
function usesTag(target: ConsumedTarget, name: string): boolean {
  const text = JSON.stringify([
    target.operation.body ?? null,
    target.parameters.map(({ parameter }) => parameter.value ?? null),
  ]);
  return text.includes(`{{${name}}}`) || text.includes(`{{ ${name} }}`);
}

/** `rest.x`, `tools.x`, `<namespace>.x`; a template; else a literal. */
function compileReference(
  compilation: Compilation,
  side: ExposedSide,
  reference: unknown,
  pointer: string,
  take: (name: string) => Value,
): Value | undefined {
  if (typeof reference !== 'string') return { constant: reference };
  if (hasTags(reference)) {
    return compileTemplate(reference, (name) => {
      const found = useVariable(compilation, name, pointer);
      if (found === 'missing') return undefined;
      const split = splitReference(name);
      const input = split !== undefined && isInputRoot(split.root, side) ? split.name : name;
      return found ?? take(input);
    });
  }
  if (/^\$\.[^.]+\./.test(reference)) {
    compilation.report(
      'REFERENCE_UNKNOWN',
      pointer,
      `"${reference}" refers to an earlier step, but this is a simple call without steps.`,
    );
    return undefined;
  }
  const split = splitReference(reference);
  return split !== undefined && isInputRoot(split.root, side)
    ? take(split.name)
    : { constant: reference };
}

const isInputRoot = (root: string, side: ExposedSide): boolean =>
  root === 'rest' || root === 'tools' || root === side.namespace;

function reportUndeclared(
  compilation: Compilation,
  name: string,
  pointer: string,
  side: ExposedSide,
): void {
  const names = side.declared.map(({ parameter }) => parameter.name);
  compilation.report(
    'INPUT_UNDECLARED',
    pointer,
    `The input "${name}" is not among the declared inputParameters; it is taken as the called operation declares it.`,
    { suggestion: nearest(name, names) },
  );
}

function reportUnused(compilation: Compilation, drafts: ReadonlyMap<string, Draft>): void {
  for (const draft of drafts.values()) {
    if (draft.used) continue;
    compilation.report(
      'INPUT_UNUSED',
      draft.pointer,
      `The input "${draft.name}" goes nowhere: no with entry and no parameter of the called operation has its name.`,
    );
  }
}

function finish(
  compilation: Compilation,
  side: ExposedSide,
  drafts: readonly Draft[],
): InputPlan[] {
  const routed = matchRouteVariables(
    drafts.filter((draft) => draft.in !== 'body').map((draft) => draft.name),
    side.routeVariables,
  );
  const keys = assignKeys(drafts.map((draft) => draft.name));
  const soleBody = drafts.filter((draft) => draft.in === 'body').length === 1;
  return drafts.map((draft, index) => {
    const key = keys[index] as string;
    if (side.face === 'mcp' && key !== draft.name) {
      compilation.report(
        'TOOL_KEY_RENAMED',
        draft.pointer,
        `The input "${draft.name}" is served as "${key}": model APIs refuse its own spelling. Both are accepted in a call.`,
      );
    }
    const schema = schemaOf(draft.shape, draft.type);
    return {
      name: draft.name,
      key,
      type: draft.type,
      required: draft.required,
      ...(draft.shape.description === undefined ? {} : { description: draft.shape.description }),
      schema,
      ...(draft.shape.default === undefined ? {} : { default: draft.shape.default as Json }),
      from: sourceOf(draft, routed.get(draft.name), soleBody),
      passBytes: draft.whole,
      accept: acceptOf(draft.shape, draft.type, schema),
    };
  });
}

/** Where REST finds an input; a path variable that the route has lost comes from the query string. */
function sourceOf(
  draft: Draft,
  routeVariable: string | undefined,
  soleBody: boolean,
): InputPlan['from'] {
  if (routeVariable !== undefined) return { in: 'path', name: routeVariable };
  if (draft.in === 'path') return { in: 'query', name: draft.name };
  if (draft.in === 'header') return { in: 'header', name: draft.name.toLowerCase() };
  if (draft.in === 'body') return { in: 'body', name: draft.name, whole: draft.whole && soleBody };
  return { in: draft.in, name: draft.name };
}
