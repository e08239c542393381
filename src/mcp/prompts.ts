import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Gathered } from '../plan/content.ts';
import type { Asking } from '../plan/dialogue.ts';
import type {
  Json,
  OperationPlan,
  Outcome,
  PromptDefinition,
  PromptPlan,
  Scope,
  Values,
} from '../plan/plan.ts';
import { acceptInputs } from '../runtime/input.ts';
import { requireAskable } from './capabilities.ts';
import { TOLD } from './checked-arguments.ts';
import { type ContentPart, renderParts } from './content.ts';
import type { CallContext, InputRequired, Rounds, RunContext, Subject } from './conversation.ts';
import { didYouMean } from './nearest.ts';
import { reporting } from './progress.ts';
import type { Mask } from './result.ts';
import { INTERNAL_ERROR, INVALID_PARAMS, RpcError } from './rpc-error.ts';

/** What `prompts/get` answers. */
export type RenderedPrompt = {
  readonly description?: string;
  readonly messages: readonly {
    readonly role: 'user' | 'assistant';
    readonly content: ContentPart;
  }[];
};

/**
 * Runs what a prompt runs before its messages are made. `values` are accepted already.
 * @throws GatewayError
 */
export type PromptRunner = (
  prompt: PromptPlan & { readonly operation: OperationPlan },
  values: Values,
  context: RunContext,
) => Promise<Outcome | Asking>;

export interface PromptOptions {
  /** Needed when a prompt has steps. */
  readonly runPrompt?: PromptRunner;
  /** Without it nobody is asked anything. */
  readonly rounds?: Rounds;
  readonly mask?: Mask;
  /** Told of failures, with `prompt "<name>"`. */
  readonly onFailure?: (error: GatewayError, what?: string) => void;
}

/** The prompts of one MCP endpoint without any protocol. */
export interface PromptCore {
  /** In file order. */
  list(): readonly PromptDefinition[];
  /**
   * @throws RpcError -32602 for an unknown prompt, or for arguments that do not fit, naming each;
   * -32603 when one of its steps failed
   */
  get(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: CallContext,
  ): Promise<RenderedPrompt | InputRequired>;
}

/** Characters that the messages of one prompt may have together. */
const LONGEST = 16 * 1024 * 1024;

export function createPromptCore(
  server: string,
  plans: readonly PromptPlan[],
  options: PromptOptions,
): PromptCore {
  const { runPrompt, rounds, mask = (text) => text, onFailure } = options;
  const prompts = new Map<string, PromptPlan>();
  for (const plan of plans) {
    if (!prompts.has(plan.definition.name)) prompts.set(plan.definition.name, plan);
  }
  const definitions = Object.freeze(Array.from(prompts.values(), (plan) => plan.definition));

  /** What the steps of a prompt gave. */
  async function stepsOf(
    plan: PromptPlan,
    given: ReadonlyMap<string, string>,
    args: Subject['args'],
    context: CallContext,
  ): Promise<Ran | InputRequired> {
    const { definition, operation } = plan;
    if (operation === undefined) return NOTHING;
    if (runPrompt === undefined) throw new TypeError('A prompt with steps needs runPrompt.');
    const { name } = definition;
    const { inputs, steps, chain } = operation;
    requireAskable(operation, context.client);
    const subject: Subject = { server, method: 'prompts/get', name, args };
    const report = reporting(context, name, (chain ?? steps).length);
    try {
      const input = acceptInputs(inputs, (each) => given.get(each.name));
      const outcome = await runPrompt({ ...plan, operation }, input, {
        signal: context.signal,
        account: context.account,
        ...(report === undefined ? {} : { progress: report.point }),
        ...(rounds === undefined ? {} : { dialogue: rounds.open(subject, context) }),
      });
      if (outcome.kind === 'ask') {
        if (rounds === undefined) throw new TypeError('A run asked, but nobody can be asked.');
        return rounds.seal(subject, outcome, context);
      }
      report?.completed();
      const { value: gave, gathered } = outcome.kind === 'value' ? outcome : {};
      const held = gathered?.held ?? {};
      return { input, steps: (gave ?? {}) as { readonly [step: string]: Json }, held };
    } catch (thrown) {
      if (thrown instanceof RpcError) throw thrown;
      const error = toGatewayError(thrown);
      onFailure?.(error, `prompt "${name}"`);
      report?.failed(mask(error.message));
      throw failureOf(error, mask);
    }
  }

  return {
    list: () => definitions,
    async get(name, args, context) {
      const plan = prompts.get(name);
      if (plan === undefined) {
        const hint = didYouMean(name, prompts.keys());
        throw refusal(mask(`Unknown prompt: ${JSON.stringify(name.slice(0, 200))}.${hint}`));
      }
      const given = acceptArguments(plan, args, mask);
      const scope = await stepsOf(plan, given, args, context);
      if ('inputRequests' in scope) return scope;
      try {
        return rendered(plan, given, scope);
      } catch (thrown) {
        if (thrown instanceof RpcError) throw thrown;
        const error = toGatewayError(thrown);
        onFailure?.(error, `prompt "${name}"`);
        throw failureOf(error, mask);
      }
    },
  };
}

/** What the steps of a prompt gave, and their answers as they came. */
type Ran = Scope & Pick<Gathered, 'held'>;

const NOTHING: Ran = { input: {}, steps: {}, held: {} };

function failureOf({ code, status, message, details }: GatewayError, mask: Mask): RpcError {
  const rpcCode = code === 'INPUT_INVALID' ? INVALID_PARAMS : INTERNAL_ERROR;
  return new RpcError(rpcCode, mask(`${code}: ${message}`), {
    data: { code, status: details.upstreamStatus ?? status },
  });
}

const refusal = (message: string): RpcError => new RpcError(INVALID_PARAMS, message);

function acceptArguments(
  { definition: { name, arguments: declared = [] }, allowed = {} }: PromptPlan,
  args: Readonly<Record<string, unknown>>,
  mask: Mask,
): ReadonlyMap<string, string> {
  const known = new Map(declared.map((argument) => [argument.name, argument]));
  const given = new Map<string, string>();
  const wrong: string[] = [];
  let unknown = 0;
  for (const [key, value] of Object.entries(args)) {
    const argument = known.get(key);
    if (argument === undefined) {
      unknown += 1;
      if (unknown > TOLD) continue;
      const hint = didYouMean(key, known.keys());
      wrong.push(`${key.slice(0, 200)} is not an argument of this prompt${hint && `.${hint}`}`);
    } else if (typeof value === 'string') {
      given.set(key, value);
      const values = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
      if (values?.includes(value) === false)
        wrong.push(`${key} must be one of ${values.join(', ')}`);
    } else if (value !== null) wrong.push(`${key} must be text, not ${kindOf(value)}`);
  }
  if (unknown > TOLD) wrong.push(`${unknown - TOLD} more are not arguments of it`);
  for (const argument of declared) {
    const value = args[argument.name];
    const absent = !Object.hasOwn(args, argument.name) || value === null || value === undefined;
    if (argument.required && absent) wrong.push(`${argument.name} is required and was not given`);
  }
  if (wrong.length === 0) return given;
  throw refusal(mask(`The arguments of the prompt "${name}" do not fit: ${wrong.join('; ')}.`));
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

/** Each part is put in once: nothing that an argument brings is looked at again. */
function rendered(
  plan: PromptPlan,
  given: ReadonlyMap<string, string>,
  scope: Ran,
): RenderedPrompt {
  const { description, name } = plan.definition;
  let length = 0;
  const gathered = {
    scope: { input: Object.fromEntries(given), steps: scope.steps },
    held: scope.held,
  };
  const messages = plan.messages.flatMap(({ role, parts, content }) => {
    if (content !== undefined) {
      return renderParts([content], gathered).map((part) => ({ role, content: part }));
    }
    const texts = parts.map((part) => {
      if ('text' in part) return part.text;
      return 'read' in part ? part.read(scope) : (given.get(part.argument) ?? '');
    });
    for (const text of texts) length += text.length;
    if (length > LONGEST) {
      throw refusal(`The arguments make the prompt "${name}" longer than ${LONGEST} characters.`);
    }
    return [{ role, content: { type: 'text' as const, text: texts.join('') } }];
  });
  return { ...(description === undefined ? {} : { description }), messages };
}
