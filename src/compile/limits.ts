import type { WrittenLimits } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { FacePlan, Limited, LimitPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { readTime } from './span.ts';

const LONGEST_SECONDS = 24 * 3600;

/** The limit that something declares of its own; nothing where it has none. */
export function compileLimits(
  compilation: Compilation,
  { limits }: { readonly limits?: WrittenLimits },
  pointer: string,
  name: string,
): Limited {
  if (limits === undefined) return {};
  const { requests, per, by = 'caller' } = limits;
  const seconds = (readTime(per) ?? Number.NaN) / 1000;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SECONDS) {
    return { limits: [{ name, requests, perSeconds: seconds, by }] };
  }
  compilation.report(
    'LIMIT_INVALID',
    pointerOf(pointer, 'limits', 'per'),
    `"${per}" is no time that requests can be counted in. Write whole seconds up to 24h, such as 1s, 1m or PT1H.`,
  );
  return {};
}

/** A face whose limit counts for all that it serves. */
export function withLimits(face: FacePlan, { limits = [] }: Limited): FacePlan {
  if (limits.length === 0) return face;
  const under = <Plan extends Limited>(plan: Plan): Plan => limitedBy(plan, limits);
  if (face.face === 'rest') {
    const { routes, forwards = [] } = face;
    return { ...face, routes: routes.map(under), forwards: forwards.map(under) };
  }
  if (face.face !== 'mcp') return face;
  const { tools, resources = [], prompts = [] } = face;
  return {
    ...face,
    tools: tools.map(under),
    resources: resources.map(under),
    prompts: prompts.map(under),
  };
}

const limitedBy = <Plan extends Limited>(plan: Plan, limits: readonly LimitPlan[]): Plan => ({
  ...plan,
  limits: [...(plan.limits ?? []), ...limits],
});
