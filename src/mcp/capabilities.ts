import type { ClientCapabilities, InputRequired } from './conversation.ts';
import { isRecord } from './methods.ts';
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
  for (const { method, params } of Object.values(inputRequests)) {
    const { able, required } = neededFor(method, params.mode, client);
    if (able) continue;
    const why = `This needs a client that can be asked with ${method}, and yours has not declared that it can.`;
    throw new RpcError(MISSING_CAPABILITY, why, { data: { requiredCapabilities: required } });
  }
}

function neededFor(
  method: string,
  mode: unknown,
  client: ClientCapabilities,
): { readonly able: boolean; readonly required: object } {
  if (method === 'sampling/createMessage') {
    return { able: client.sampling, required: { sampling: {} } };
  }
  if (method === 'roots/list') return { able: client.roots, required: { roots: {} } };
  if (mode === 'url') {
    return { able: client.elicitationUrl, required: { elicitation: { url: {} } } };
  }
  return { able: client.elicitation, required: { elicitation: {} } };
}
