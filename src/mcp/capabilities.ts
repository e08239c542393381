import type { ClientCapabilities } from './conversation.ts';
import { isRecord } from './methods.ts';
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
