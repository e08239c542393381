import { bareRecord } from '../json.ts';
import type {
  CallStep,
  Json,
  Meta,
  OperationPlan,
  Outcome,
  Scope,
  UpstreamResponse,
  Values,
} from '../plan/plan.ts';
import { type CallContext, isEmpty, isSuccess, ofAnswer, readBody, send } from './calling.ts';
import { keeping } from './keeping.ts';

/** The call of an operation that is one call and nothing else; what most operations are. */
export const singleCall = ({ steps, chain }: OperationPlan): CallStep | undefined =>
  chain === undefined && steps.length === 1 ? steps[0] : undefined;

export interface OpenScope extends Scope {
  readonly steps: Record<string, Json | undefined>;
}

/**
 * Begins such a call. What comes of it is for `outcomeOfCall`.
 * @param step what `singleCall` gave
 * @throws GatewayError INPUT_INVALID
 */
export function beginCall(
  { answer }: OperationPlan,
  step: CallStep,
  scope: OpenScope,
  context: CallContext & { readonly hold: boolean },
): Promise<UpstreamResponse> {
  return send(step, scope, context, context.hold || answer.kind === 'project');
}

/** A scope for one run; where nothing is made of answers, none has to be kept. */
export const scopeOf = ({ answer, keeps }: OperationPlan, input: Values): OpenScope => ({
  input,
  steps: answer.kind === 'identity' && keeps === undefined ? NO_STEPS : bareRecord(),
});

const NO_STEPS: Record<string, Json | undefined> = Object.freeze(Object.create(null));

/**
 * An upstream 4xx or 5xx is an answer, not a failure: mappings apply to 2xx only. A promise only where
 * a large answer is read elsewhere.
 * @throws GatewayError
 */
export function outcomeOfCall(
  operation: OperationPlan,
  step: CallStep,
  scope: OpenScope,
  context: CallContext,
  response: UpstreamResponse,
): Outcome | Promise<Outcome> {
  const makesParts = operation.keeps !== undefined;
  if (
    operation.answer.kind === 'identity' ||
    !isSuccess(response.status) ||
    (isEmpty(response) && !makesParts)
  ) {
    return { kind: 'answer', response, step };
  }
  const kept = makesParts ? keeping(operation, scope) : undefined;
  if (isEmpty(response) || kept?.take(step, response)) return shaped(undefined);
  const read = readBody(step, response, context);
  return read instanceof Promise ? read.then(take) : take(read);

  function take(answer: Json): Outcome {
    scope.steps[step.name] = answer;
    return shaped(step.meta?.(answer));
  }

  function shaped(meta: Meta | undefined): Outcome {
    return {
      kind: 'value',
      value: project(operation, scope),
      status: response.status,
      answered: { response, step },
      ...(meta === undefined ? undefined : { meta }),
      ...kept?.gathered(),
    };
  }
}

/** The value of an operation whose answer is shaped. @throws GatewayError UPSTREAM_UNUSABLE */
export function project({ answer }: OperationPlan, scope: Scope): Json | undefined {
  if (answer.kind !== 'project') return undefined;
  try {
    return answer.project(scope);
  } catch (thrown) {
    throw ofAnswer(thrown) ?? thrown;
  }
}
