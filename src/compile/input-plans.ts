import type { InputPlan, Json } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { Draft } from './drafts.ts';
import type { ExposedSide } from './exposed-side.ts';
import { assignKeys } from './keys.ts';
import { matchRouteVariables } from './route-variables.ts';
import { acceptOf, schemaOf } from './types.ts';

/** Gathered inputs as the plan has them: key, schema, check, and where REST finds each. */
export function finishInputs(
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
