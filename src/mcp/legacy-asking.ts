import { randomUUID } from 'node:crypto';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  ResultSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Question } from '../plan/dialogue.ts';
import { requireAble } from './capabilities.ts';
import { type CallContext, type InputRequired, isInputRequired } from './conversation.ts';
import { answerMethod, type Params } from './methods.ts';
import { INTERNAL_ERROR, MISSING_CAPABILITY, RpcError } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** A call that asks more often than this goes round in circles. */
const MOST_ROUNDS = 20;
/** Milliseconds that a user has to answer. */
const PATIENCE = 10 * 60_000;

/**
 * Answers a method for a client that is asked while it waits: each question goes out as a request
 * of its own, on the stream of the call, and the method is run again with what came back.
 */
export async function answerAsking(
  core: ToolCore,
  method: string,
  params: Params,
  context: CallContext,
  extra: Extra,
): Promise<Record<string, unknown>> {
  let current = context;
  for (let round = 0; round <= MOST_ROUNDS; round += 1) {
    const answer = await attempt(core, method, params, current);
    if (!isInputRequired(answer)) return answer;
    try {
      const answers = await askAll(answer, extra);
      current = { ...context, answers, state: answer.requestState };
    } catch (thrown) {
      if (extra.signal.aborted) throw thrown;
      return unanswered(method, `The client could not answer: ${(thrown as Error).message}`);
    }
  }
  return unanswered(method, `It asked the client ${MOST_ROUNDS} times and is not done.`);
}

async function attempt(core: ToolCore, method: string, params: Params, context: CallContext) {
  try {
    const answer = await answerMethod(core, method, params, context);
    if (isInputRequired(answer)) requireAble(answer, context.client);
    return answer;
  } catch (thrown) {
    // These revisions have no code for it; a model reads the result of a tool.
    if (!(thrown instanceof RpcError) || thrown.code !== MISSING_CAPABILITY) throw thrown;
    return unanswered(method, thrown.message);
  }
}

function unanswered(method: string, why: string): Record<string, unknown> {
  if (method !== 'tools/call') throw new RpcError(INTERNAL_ERROR, why);
  return { content: [{ type: 'text', text: why }], isError: true };
}

async function askAll(
  { inputRequests }: InputRequired,
  extra: Extra,
): Promise<Readonly<Record<string, unknown>>> {
  const answers: Record<string, unknown> = Object.create(null);
  // One by one: a user has one pair of eyes.
  for (const [key, question] of Object.entries(inputRequests)) {
    answers[key] = await ask(question, extra);
  }
  return answers;
}

/** The answers are judged where they are used, for both eras alike. */
function ask({ method, params }: Question, extra: Extra): Promise<unknown> {
  // A page to open needs an id in these revisions.
  const elicitation = params.mode === 'url' ? { elicitationId: randomUUID() } : {};
  const request = { method, params: { ...params, ...elicitation } };
  return extra.sendRequest(request as ServerRequest, ResultSchema, {
    timeout: PATIENCE,
    signal: extra.signal,
  });
}
