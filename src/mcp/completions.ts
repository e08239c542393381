import { type GatewayError, toGatewayError } from '../errors.ts';
import type { CompletionPlan, Completions } from '../plan/content.ts';
import type {
  Json,
  OperationPlan,
  Outcome,
  PromptPlan,
  ResourcePlan,
  Values,
} from '../plan/plan.ts';
import type { Complete, CompletionRequest, RunContext } from './conversation.ts';
import { didYouMean } from './nearest.ts';
import type { Mask } from './result.ts';
import { INVALID_PARAMS, RpcError } from './rpc-error.ts';

/**
 * Runs the call that gives values to offer. `values` are texts by input name.
 * @throws GatewayError
 */
export type CompletionRunner = (
  operation: OperationPlan,
  values: Values,
  context: RunContext,
) => Promise<Outcome>;

export interface CompletionOptions {
  /** Needed when a call gives what is offered. */
  readonly runCompletion?: CompletionRunner;
  readonly mask?: Mask;
  /** Told of calls that failed, with `completion of "<name>"`. */
  readonly onFailure?: (error: GatewayError, what?: string) => void;
}

/** Values of one call that are looked at. */
const MOST = 10_000;

/**
 * What the prompts and resource templates of one endpoint offer. A call that fails offers nothing:
 * whoever types is not stopped by it.
 */
export function createCompletions(
  prompts: readonly PromptPlan[],
  resources: readonly ResourcePlan[],
  options: CompletionOptions,
): Complete {
  const { runCompletion, mask = (text) => text, onFailure } = options;
  const ofPrompts = new Map<string, Completions>();
  for (const { definition, completions = {} } of prompts) {
    if (!ofPrompts.has(definition.name)) ofPrompts.set(definition.name, completions);
  }
  const ofTemplates = new Map<string, Completions>();
  for (const plan of resources) {
    const { uri } = plan.definition;
    const completions = plan.kind === 'dynamic' ? plan.completions : undefined;
    if (!ofTemplates.has(uri)) ofTemplates.set(uri, completions ?? {});
  }

  function planOf({ about, argument }: CompletionRequest): CompletionPlan | undefined {
    const [what, name, all] =
      'prompt' in about
        ? (['prompt', about.prompt, ofPrompts] as const)
        : (['resource', about.template, ofTemplates] as const);
    const completions = all.get(name);
    // Of a server without prompts or templates some clients ask all the same.
    if (completions === undefined && all.size === 0) return undefined;
    if (completions === undefined) {
      const hint = didYouMean(name, all.keys());
      const shown = mask(JSON.stringify(name.slice(0, 200)));
      throw new RpcError(INVALID_PARAMS, `Unknown ${what}: ${shown}.${hint}`);
    }
    return Object.hasOwn(completions, argument) ? completions[argument] : undefined;
  }

  return async function complete(request, { signal }) {
    const plan = planOf(request);
    if (plan === undefined) return [];
    if (plan.kind === 'values') return fitting(plan.values, request.value);
    if (runCompletion === undefined) throw new TypeError('A completing call needs runCompletion.');
    const { argument, value, others } = request;
    try {
      const values = inputsOf(plan.operation, { ...others, value });
      const outcome = await runCompletion(plan.operation, values, { signal });
      const texts = textsIn(outcome);
      return plan.narrows ? texts : fitting(texts, value);
    } catch (thrown) {
      onFailure?.(toGatewayError(thrown), `completion of "${argument}"`);
      return [];
    }
  };
}

function inputsOf({ inputs }: OperationPlan, given: Readonly<Record<string, string>>): Values {
  const values: Record<string, unknown> = Object.create(null);
  for (const { name } of inputs) if (Object.hasOwn(given, name)) values[name] = given[name];
  return values;
}

/** @throws Error when the upstream refused */
function textsIn(outcome: Outcome): readonly string[] {
  if (outcome.kind === 'answer') {
    const { response, step } = outcome;
    if (response.status < 300) return [];
    throw new Error(`${step.target} answered ${response.status}.`);
  }
  const texts = new Set<string>();
  for (const value of [outcome.value as Json].flat(2).slice(0, MOST)) {
    if (typeof value === 'string') texts.add(value);
    else if (typeof value === 'number' || typeof value === 'boolean') texts.add(String(value));
  }
  return [...texts];
}

/** Those that begin with what has been typed, then those that hold it, whatever the case. */
function fitting(values: readonly string[], typed: string): readonly string[] {
  const wanted = typed.toLowerCase();
  const first = values.filter((value) => value.toLowerCase().startsWith(wanted));
  const later = values.filter((value) => value.toLowerCase().indexOf(wanted) > 0);
  return [...first, ...later.filter((value) => !first.includes(value))];
}
