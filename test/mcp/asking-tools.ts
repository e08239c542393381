import type { Rounds } from '../../src/mcp/conversation.ts';
import type { ToolRunner } from '../../src/mcp/tools.ts';
import type { AskStep, Question } from '../../src/plan/dialogue.ts';
import type { Json, ToolPlan } from '../../src/plan/plan.ts';
import { answered, tool, toolset } from './toolbox.ts';

const NAME: Question = {
  method: 'elicitation/create',
  params: {
    message: 'Who are you?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  },
};
const ROOTS: Question = { method: 'roots/list', params: {} };

const question: AskStep = {
  kind: 'ask',
  name: 'user',
  capability: 'elicitation',
  optional: true,
  question: () => NAME,
  read: (answer) => ({ value: answer as Json }),
};

/** A tool that says it may ask. */
export const asking = (plan: ToolPlan): ToolPlan => ({
  ...plan,
  operation: { ...plan.operation, chain: [{ step: question, after: [] }] },
});

/** A tool that asks for a name, and then for roots. */
export const askers = toolset([asking(tool('greet'))]);

/** Rounds without a seal: what a client sends is believed. */
export const openRounds: Rounds = {
  open: (_subject, { client, answers = {}, state }) => ({
    can: (capability) => capability !== 'elicitation.url' && client[capability],
    answers,
    earlier: state === undefined ? {} : JSON.parse(state),
  }),
  seal: (_subject, { questions, earlier }) => ({
    inputRequests: questions,
    requestState: JSON.stringify(earlier),
  }),
};

export const runAsker: ToolRunner = async (_tool, _values, { dialogue, progress }) => {
  if (dialogue === undefined) throw new TypeError('no dialogue');
  const { answers, earlier } = dialogue;
  const told = answers.user as { content?: { name?: string } } | undefined;
  const name = earlier.name ?? told?.content?.name;
  if (name === undefined) return { kind: 'ask', questions: { user: NAME }, earlier: {} };
  if (answers.roots === undefined) {
    return { kind: 'ask', questions: { roots: ROOTS }, earlier: { name } };
  }
  progress?.({ done: 1, total: 2, message: 'asked' });
  const { roots } = answers.roots as { roots: { uri: string }[] };
  return answered({ hello: name, at: roots.map(({ uri }) => uri) });
};
