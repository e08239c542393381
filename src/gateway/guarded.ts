import type { CheckAccess } from '../access/request.ts';
import type { ForwardPlan, RestPlan, RoutePlan } from '../plan/plan.ts';
import type { Checks } from './access.ts';
import type { Guarded, Served } from './dispatch.ts';
import type { Limits } from './limiting.ts';
import type { Merged } from './merge.ts';

/** What REST exposes serve on a port, each with who may call it. */
export function guardedRoutes(
  { mount, routes, forwards }: Merged,
  checks: Checks,
  limits?: Limits,
): Pick<Served, 'routes' | 'forwards'> {
  const owners = new Map<RoutePlan | ForwardPlan, RestPlan>(
    mount.rest.flatMap(({ plan }) =>
      [...plan.routes, ...(plan.forwards ?? [])].map((each) => [each, plan] as const),
    ),
  );
  const guarded = <Plan extends RoutePlan | ForwardPlan>(plan: Plan): Guarded<Plan> => {
    const owner = owners.get(plan);
    const own: CheckAccess | undefined = owner && checks.get(owner);
    const check = limits === undefined ? own : limits.checked(plan, own);
    const { authentication } = owner ?? {};
    // An access token is made out to this gateway, and no consumed API is to be shown it.
    if (authentication?.type === 'oauth2') return { plan, check, ownHeader: 'authorization' };
    return authentication?.type === 'apikey' && authentication.placement === 'query'
      ? { plan, check, ownKey: authentication.key }
      : { plan, check };
  };
  return { routes: routes.map(guarded), forwards: forwards.map(guarded) };
}
