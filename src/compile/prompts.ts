import type { ExposesMcp } from '../document/document.ts';
import { type McpPrompt, type PromptArgument, promptsOf } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import { nearest } from '../document/suggest.ts';
import { readerOf, toText } from '../expression/template.ts';
import type {
  PromptDefinition,
  PromptMessage,
  PromptPart,
  PromptPlan,
  StepPlan,
} from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { compileCompletions } from './completions.ts';
import { type ContentNames, compilePart, keptBy } from './content.ts';
import type { TargetIndex } from './link.ts';
import { compilePromptSteps } from './prompt-steps.ts';
import { promptTexts } from './prompt-texts.ts';
import { compileScopes } from './scopes.ts';
import type { StepReferences } from './step-references.ts';

/** The prompts of an MCP expose in file order; those that cannot be served are reported. */
export function compilePrompts(
  compilation: Compilation,
  targets: TargetIndex,
  expose: ExposesMcp,
  pointer: string,
): readonly PromptPlan[] {
  const seen = new Map<string, string>();
  return promptsOf(expose).flatMap((prompt, index) => {
    const here = pointerOf(pointer, 'prompts', index);
    const first = seen.get(prompt.name);
    if (first !== undefined) {
      const { line } = compilation.source.position(first);
      compilation.report(
        'PROMPT_DUPLICATE',
        pointerOf(here, 'name'),
        `The prompt "${prompt.name}" stands on line ${line} already, which is served; this one never is. Give it a name of its own.`,
      );
      return [];
    }
    seen.set(prompt.name, here);
    const plan = compilePrompt(compilation, targets, expose.namespace ?? 'mcp', prompt, here);
    const scopes = compileScopes(compilation, expose, prompt, here);
    return plan === undefined ? [] : [{ ...plan, ...scopes }];
  });
}

function compilePrompt(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  prompt: McpPrompt,
  pointer: string,
): PromptPlan | undefined {
  const written = promptTexts(compilation, prompt, pointer);
  if (written === undefined || !hasSingleArguments(compilation, prompt, pointer)) return undefined;
  const names = (prompt.arguments ?? []).map(({ name }) => name);
  const used = new Set<string>();
  const offered = offeredBy(compilation, targets, namespace, prompt, pointer);
  let failed = false;
  const messagesWith = (
    references?: StepReferences,
    steps: readonly StepPlan[] = [],
  ): readonly PromptMessage[] =>
    written.map(({ role, text, pointer: at, part }) => {
      const known = { names, used, references };
      if (part === undefined) return { role, parts: partsOf(compilation, text, known, at) };
      const content = compilePart(compilation, part, at, partNames(known, steps));
      failed ||= content === undefined;
      return content === undefined ? { role, parts: [] } : { role, parts: [], content };
    });
  if (prompt.call !== undefined || prompt.steps !== undefined) {
    let messages: readonly PromptMessage[] = [];
    const useSteps = (references: StepReferences, steps: readonly StepPlan[]): void => {
      messages = messagesWith(references, steps);
    };
    const of = [compilation, targets, namespace, prompt, pointer, useSteps] as const;
    const operation = compilePromptSteps(...of);
    if (operation === undefined || failed) return undefined;
    const keeps = keptBy(messages.flatMap(({ content = [] }) => content));
    return {
      definition: definitionOf(prompt),
      ...offered,
      messages,
      operation: keeps.length === 0 ? operation : { ...operation, keeps },
    };
  }
  const messages = messagesWith();
  if (failed) return undefined;
  for (const [index, name] of names.entries()) {
    if (used.has(name)) continue;
    compilation.report(
      'INPUT_UNUSED',
      pointerOf(pointer, 'arguments', index),
      `The argument "${name}" stands nowhere in the text of the prompt. Write {{${name}}} where it belongs, or remove it.`,
    );
  }
  return { definition: definitionOf(prompt), ...offered, messages };
}

/** What can be offered for arguments, and what they are held to. */
function offeredBy(
  compilation: Compilation,
  targets: TargetIndex,
  namespace: string,
  { arguments: all = [] }: McpPrompt,
  pointer: string,
): Pick<PromptPlan, 'completions' | 'allowed'> {
  const completions = compileCompletions(
    compilation,
    targets,
    namespace,
    all.map((argument, index) => ({
      ...argument,
      pointer: pointerOf(pointer, 'arguments', index),
    })),
  );
  const enums = all.flatMap(({ name, enum: values }) =>
    values === undefined ? [] : [[name, values] as const],
  );
  return {
    ...(completions === undefined ? {} : { completions }),
    ...(enums.length === 0 ? {} : { allowed: Object.fromEntries(enums) }),
  };
}

/** What the parts of a message may name. */
const partNames = (
  { names, used, references }: Known,
  steps: readonly StepPlan[],
): ContentNames => ({
  tag(name, pointer) {
    const value = references?.tag(name, pointer);
    if (!names.includes(name)) return value;
    used.add(name);
    return value ?? { read: ({ input }) => input[name] };
  },
  step: (name) => references?.step(name, '') ?? (() => undefined),
  steps,
  inputs: names,
});

function hasSingleArguments(
  compilation: Compilation,
  { arguments: all = [] }: McpPrompt,
  pointer: string,
): boolean {
  const names = all.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice === -1) return true;
  compilation.report(
    'PROMPT_INVALID',
    pointerOf(pointer, 'arguments', twice, 'name'),
    `The argument "${names[twice]}" is declared twice. Keep one of the two.`,
  );
  return false;
}

/** What a tag of a prompt may name. */
interface Known {
  readonly names: readonly string[];
  /** Names that were used. */
  readonly used: Set<string>;
  /** Of a prompt with steps. */
  readonly references: StepReferences | undefined;
}

/**
 * Only the declared arguments and what steps gave are put in; any other tag is text that somebody
 * may well have meant.
 */
function partsOf(
  compilation: Compilation,
  text: string,
  { names, used, references }: Known,
  pointer: string,
): readonly PromptPart[] {
  let end = 0;
  const parts: PromptPart[] = [];
  for (const { 0: tag, 1: inner, index } of text.matchAll(TAG)) {
    if (index > end) parts.push({ text: text.slice(end, index) });
    end = index + tag.length;
    const name = (inner as string).trim();
    const value = references?.tag(name, pointer);
    if (names.includes(name)) {
      used.add(name);
      parts.push({ argument: name });
      continue;
    }
    if (value !== undefined) {
      const read = readerOf(value);
      parts.push({ read: (scope) => toText(read(scope)) });
      continue;
    }
    const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    compilation.report(
      'PROMPT_TAG_UNKNOWN',
      pointer,
      `${tag} names no argument of this prompt (${known}), so it stays in the text as it is. Declare it under arguments, or correct it.`,
      { suggestion: nearest(name, names) },
    );
    parts.push({ text: tag });
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) });
  return parts;
}

/** Text of people rather than a template of ours: whatever else has braces means itself. */
const TAG = /\{\{([^{}]*)\}\}/g;

function definitionOf({ name, label, description, arguments: all }: McpPrompt): PromptDefinition {
  return {
    name,
    ...(label === undefined ? {} : { title: label }),
    ...(description === undefined ? {} : { description }),
    ...(all === undefined || all.length === 0 ? {} : { arguments: all.map(argumentOf) }),
  };
}

const argumentOf = ({ name, label, description, required = true }: PromptArgument) => ({
  name,
  ...(label === undefined ? {} : { title: label }),
  ...(description === undefined ? {} : { description }),
  required,
});
