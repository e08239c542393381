import { GatewayError } from '../errors.ts';
import type { AskStep, Dialogue, Question } from '../plan/dialogue.ts';
import type { ChainLink, Json, Scope } from '../plan/plan.ts';

/** What has come of asking: a value, or what must be asked now. */
export type Asked = { readonly value: Json } | { readonly question: Question };

/**
 * Before anything runs: nothing should have happened when it shows that the client cannot be asked.
 * @throws GatewayError ASK_IMPOSSIBLE
 */
export function checkAskable(links: readonly ChainLink[], dialogue: Dialogue | undefined): void {
  for (const { step } of links) {
    if (step.kind !== 'ask' || step.optional || dialogue?.can(step.capability) === true) continue;
    const { name, capability } = step;
    throw new GatewayError(
      'ASK_IMPOSSIBLE',
      `The step "${name}" asks ${WHOM[capability]}, and the caller is no client that can be asked for that.`,
      { step: name },
    );
  }
}

/**
 * Takes the client's answer, or has the question put. Who cannot be asked, or refuses, leaves null
 * where the step is optional.
 * @throws GatewayError ASK_REFUSED
 */
export function ask(step: AskStep, scope: Scope, dialogue: Dialogue | undefined): Asked {
  const { name, capability, optional } = step;
  if (dialogue === undefined || !dialogue.can(capability)) return { value: null };
  if (!Object.hasOwn(dialogue.answers, name)) return { question: step.question(scope) };
  const reply = step.read(dialogue.answers[name]);
  if ('value' in reply) return reply;
  if ('again' in reply) return { question: askingAgain(step.question(scope), reply.again) };
  if (optional) return { value: null };
  const what = reply.refused === 'decline' ? 'declined' : 'closed the question';
  throw new GatewayError(
    'ASK_REFUSED',
    `The user ${what} that the step "${name}" asks, so nothing further was done.`,
    { step: name },
  );
}

const WHOM = {
  elicitation: 'the user by a form',
  'elicitation.url': 'the user to open a page',
  sampling: "the client's model",
  roots: 'for the roots of the client',
} as const;

/** A user is told why he is asked once more. */
function askingAgain(question: Question, why: string): Question {
  const { message } = question.params;
  if (typeof message !== 'string') return question;
  const told = `${message}\n\nThe last answer did not fit: ${why}.`;
  return { ...question, params: { ...question.params, message: told } };
}
