import { hasTags } from '../expression/template.ts';
import type { InputPlan, InputType, Json } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { acceptOf, kindAsked } from './constraints.ts';
import type { ConsumedTarget } from './consumes.ts';
import { fixedContentType } from './content-type.ts';
import { type Draft, takesJson, typeOf } from './drafts.ts';
import type { ExposedSide } from './exposed-side.ts';
import { isJsonType } from './headers.ts';
import { assignKeys } from './keys.ts';
import { matchRouteVariables } from './route-variables.ts';
import { schemaOf } from './schema.ts';

/**
 * Gathered inputs as the plan has them: key, schema, check, and where REST finds each.
 * @param target of a simple call
 */
export function finishInputs(
  compilation: Compilation,
  side: ExposedSide,
  target: ConsumedTarget | undefined,
  drafts: readonly Draft[],
): InputPlan[] {
  const inputs = drafts.filter(({ fixed }) => fixed === undefined);
  const routed = matchRoute(inputs, side.routeVariables);
  const names = inputs.map((draft) => draft.name);
  const keys = side.ownSchema === true ? names : assignKeys(names);
  const soleBody = inputs.filter((draft) => draft.place === 'body').length === 1;
  const saysType = inputs.some(
    ({ name, place }) => place === 'header' && name.toLowerCase() === 'content-type',
  );
  return inputs.map((draft, index) => {
    const { name, shape } = draft;
    const key = keys[index] as string;
    if (side.face === 'mcp' && key !== name) {
      compilation.report(
        'TOOL_KEY_RENAMED',
        draft.pointer,
        `The input "${name}" is served as "${key}": model APIs refuse its own spelling. Both are accepted in a call.`,
      );
    }
    const type = typeOf(draft, target);
    const whole = draft.place === 'body' && draft.isWholeBody && soleBody;
    const checked = acceptOf(compilation, shape, type, schemaOf(shape, type), draft.pointer);
    const accept = draft.secret ? untold(checked) : checked;
    const passBytes = whole && target !== undefined && isOnlyTheBody(draft, target, type);
    const passKind = passBytes && !draft.secret ? kindAsked(shape, type) : undefined;
    const hasDefault = shape.default !== undefined && shape.default !== null;
    return {
      name,
      key,
      type,
      required: draft.required && !hasDefault,
      ...(shape.description === undefined ? {} : { description: shape.description }),
      schema: {
        ...schemaOf(shape, shownType(draft, type)),
        ...(draft.secret ? { format: 'password' } : {}),
      },
      ...(draft.secret ? { secret: true as const } : {}),
      ...(hasDefault ? { default: shape.default as Json } : {}),
      from: sourceOf(draft, routed.get(name), whole),
      passBytes,
      ...(passKind === undefined ? {} : { passKind }),
      ...(whole && type === 'string' ? mediaTypeOf(target) : {}),
      accept: whole && saysType ? orAnyText(accept) : accept,
    };
  });
}

function mediaTypeOf(target: ConsumedTarget | undefined): Pick<InputPlan, 'mediaType'> {
  const fixed = target === undefined ? undefined : fixedContentType(target);
  if (fixed === undefined || isJsonType(fixed) || hasTags(fixed)) return {};
  return { mediaType: fixed.replace(/;.*$/s, '').trim().toLowerCase() };
}

/**
 * A property that says nothing is refused by some clients. Where any value is taken, it says what the
 * file writes of it, or else a type: an object for a body, text for the rest.
 */
const shownType = (draft: Draft, type: InputType): InputType => {
  const { shape, isWholeBody } = draft;
  if (type !== 'any' || (shape.type === 'any' && shape.description !== undefined)) return type;
  return isWholeBody ? 'object' : 'string';
};

/** Says of a credential that does not fit nothing of what it is. */
const untold =
  (accept: InputPlan['accept']): InputPlan['accept'] =>
  (value, refuse) => {
    let fits = value !== '';
    const accepted = accept(value, () => {
      fits = false;
    });
    if (!fits) refuse('must be the text of a credential');
    return accepted;
  };

/** Where the caller says what the body is, its text need not be of the type that the file declares. */
const orAnyText =
  (accept: InputPlan['accept']): InputPlan['accept'] =>
  (value, refuse) =>
    typeof value === 'string' || Buffer.isBuffer(value) ? value : accept(value, refuse);

/**
 * Bytes fit nowhere but in the body itself: another use of the input needs its value, and a text that
 * is sent as such is not its JSON.
 */
function isOnlyTheBody(draft: Draft, target: ConsumedTarget, type: InputType): boolean {
  if (type === 'string' && !takesJson(target)) return false;
  const bodies = target.parameters.filter(({ parameter }) => parameter.in === 'body');
  const fed = bodies[0]?.parameter.name ?? '';
  const named = target.parameters.filter(({ parameter }) => parameter.name === fed);
  return (
    draft.uses === 1 &&
    named.length === 1 &&
    !target.tags.has(fed) &&
    !target.path.variables.includes(fed)
  );
}

/** What the path needs takes its route variable before any other input can. */
function matchRoute(
  inputs: readonly Draft[],
  variables: readonly string[],
): ReadonlyMap<string, string> {
  const ofPath = inputs.filter(({ place }) => place === 'path').map(({ name }) => name);
  const others = inputs
    .filter(({ place }) => place !== 'path' && place !== 'body')
    .map(({ name }) => name);
  const first = matchRouteVariables(ofPath, variables);
  const taken = new Set(first.values());
  const free = variables.filter((name) => !taken.has(name));
  return new Map([...first, ...matchRouteVariables(others, free)]);
}

/** Where REST finds an input; a path variable that the route has lost comes from the query string. */
function sourceOf(
  draft: Draft,
  routeVariable: string | undefined,
  whole: boolean,
): InputPlan['from'] {
  const { name, place } = draft;
  if (routeVariable !== undefined) return { in: 'path', name: routeVariable };
  if (place === 'header') return { in: 'header', name: name.toLowerCase() };
  if (draft.select !== undefined) return { in: 'body', name, select: draft.select };
  if (place === 'body') return { in: 'body', name, whole };
  return { in: place === 'cookie' ? 'cookie' : 'query', name };
}
