import type { PromptDefinition, PromptPlan } from '../plan/plan.ts';
import type { CallContext, InputRequired } from './conversation.ts';
import { didYouMean } from './nearest.ts';
import type { Mask } from './result.ts';
import { INVALID_PARAMS, RpcError } from './rpc-error.ts';

/** What `prompts/get` answers. */
export type RenderedPrompt = {
  readonly description?: string;
  readonly messages: readonly {
    readonly role: 'user' | 'assistant';
    readonly content: { readonly type: 'text'; readonly text: string };
  }[];
};

/** The prompts of one MCP endpoint without any protocol. */
export interface PromptCore {
  /** In file order. */
  list(): readonly PromptDefinition[];
  /** @throws RpcError -32602 for an unknown prompt, or for arguments that do not fit, naming each. */
  get(
    name: string,
    args: Readonly<Record<string, unknown>>,
    context: CallContext,
  ): Promise<RenderedPrompt | InputRequired>;
}

/** Characters that the messages of one prompt may have together. */
const LONGEST = 16 * 1024 * 1024;

export function createPromptCore(plans: readonly PromptPlan[], mask: Mask): PromptCore {
  const prompts = new Map<string, PromptPlan>();
  for (const plan of plans) {
    if (!prompts.has(plan.definition.name)) prompts.set(plan.definition.name, plan);
  }
  const definitions = Object.freeze(Array.from(prompts.values(), (plan) => plan.definition));
  return {
    list: () => definitions,
    async get(name, args) {
      const plan = prompts.get(name);
      if (plan === undefined) {
        const hint = didYouMean(name, prompts.keys());
        throw refusal(mask(`Unknown prompt: ${JSON.stringify(name.slice(0, 200))}.${hint}`));
      }
      const given = acceptArguments(plan.definition, args, mask);
      return rendered(plan, given);
    },
  };
}

const refusal = (message: string): RpcError => new RpcError(INVALID_PARAMS, message);

function acceptArguments(
  { name, arguments: declared = [] }: PromptDefinition,
  args: Readonly<Record<string, unknown>>,
  mask: Mask,
): ReadonlyMap<string, string> {
  const known = new Map(declared.map((argument) => [argument.name, argument]));
  const given = new Map<string, string>();
  const wrong: string[] = [];
  for (const [key, value] of Object.entries(args)) {
    const argument = known.get(key);
    if (argument === undefined) {
      const hint = didYouMean(key, known.keys());
      wrong.push(`${key.slice(0, 200)} is not an argument of this prompt${hint && `.${hint}`}`);
    } else if (typeof value === 'string') given.set(key, value);
    else if (value !== null) wrong.push(`${key} must be text, not ${kindOf(value)}`);
  }
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
function rendered(plan: PromptPlan, given: ReadonlyMap<string, string>): RenderedPrompt {
  const { description, name } = plan.definition;
  let length = 0;
  const messages = plan.messages.map(({ role, parts }) => {
    const texts = parts.map((part) =>
      'text' in part ? part.text : (given.get(part.argument) ?? ''),
    );
    for (const text of texts) length += text.length;
    if (length > LONGEST) {
      throw refusal(`The arguments make the prompt "${name}" longer than ${LONGEST} characters.`);
    }
    return { role, content: { type: 'text' as const, text: texts.join('') } };
  });
  return { ...(description === undefined ? {} : { description }), messages };
}
