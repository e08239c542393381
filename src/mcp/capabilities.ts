import { isRecord } from '../json.ts';
import type { AskCapability } from '../plan/dialogue.ts';
import type { OperationPlan } from '../plan/plan.ts';
import type { ClientCapabilities, InputRequired } from './conversation.ts';
import { MISSING_CAPABILITY, RpcError } from './rpc-error.ts';
import type { ToolCore } from './tools.ts';

/** Declared whatever an endpoint holds: some clients ask for lists without being told of any. */
export function capabilitiesOf(core: ToolCore) {
  const listChanged = core.changes ? { listChanged: true } : {};
  return {
    tools: listChanged,
    resources: { subscribe: true, ...listChanged },
    prompts: listChanged,
    completions: {},
    logging: {},
  };
}

/** A client that takes elicitations without saying which takes forms. */
export function declaredCapabilities(capabilities: unknown): ClientCapabilities {
  const { elicitation, sampling, roots } = isRecord(capabilities) ? capabilities : {};
  const asks = isRecord(elicitation);
  return {
    elicitation: asks && (elicitation.form !== undefined || elicitation.url === undefined),
    elicitationUrl: asks && elicitation.url !== undefined,
    sampling: isRecord(sampling),
    roots: isRecord(roots),
  };
}

/** @throws RpcError -32021 where a question is put to a client that takes none of its kind */
export function requireAble({ inputRequests }: InputRequired, client: ClientCapabilities): void {
  const questions = Object.values(inputRequests);
  requireAll(
    questions.map(({ method, params }) => capabilityOf(method, params.mode)),
    client,
  );
}

/**
 * Before anything runs: whether the client can be asked what an operation cannot do without.
 * @throws RpcError -32021
 */
export function requireAskable({ chain = [] }: OperationPlan, client: ClientCapabilities): void {
  requireAll(
    chain.flatMap(({ step }) => (step.kind === 'ask' && !step.optional ? [step.capability] : [])),
    client,
  );
}

export const isAble = (client: ClientCapabilities, capability: AskCapability): boolean =>
  client[capability === 'elicitation.url' ? 'elicitationUrl' : capability];

function requireAll(wanted: readonly AskCapability[], client: ClientCapabilities): void {
  const missing = new Set(wanted.filter((capability) => !isAble(client, capability)));
  if (missing.size === 0) return;
  const list = [...missing].map((capability) => METHODS[capability]).join(' and ');
  const why = `This needs a client that can be asked with ${list}, and yours has not declared that it can.`;
  const elicitation = {
    ...(missing.has('elicitation') && missing.has('elicitation.url') ? { form: {} } : {}),
    ...(missing.has('elicitation.url') ? { url: {} } : {}),
  };
  const requiredCapabilities = {
    ...(missing.has('elicitation') || missing.has('elicitation.url') ? { elicitation } : {}),
    ...(missing.has('sampling') ? { sampling: {} } : {}),
    ...(missing.has('roots') ? { roots: {} } : {}),
  };
  throw new RpcError(MISSING_CAPABILITY, why, { data: { requiredCapabilities } });
}

const METHODS = {
  elicitation: 'elicitation/create',
  'elicitation.url': 'elicitation/create in mode url',
  sampling: 'sampling/createMessage',
  roots: 'roots/list',
} as const satisfies Record<AskCapability, string>;

function capabilityOf(method: string, mode: unknown): AskCapability {
  if (method === 'sampling/createMessage') return 'sampling';
  if (method === 'roots/list') return 'roots';
  return mode === 'url' ? 'elicitation.url' : 'elicitation';
}
