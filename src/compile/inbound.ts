import { compileInbound } from '../auth/inbound.ts';
import { ENVIRONMENT } from '../document/binds.ts';
import type { Expose } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { hasTags } from '../expression/template.ts';
import type { CredentialFacts, InboundPlan } from '../plan/inbound.ts';
import { withBraces } from './bare-variable.ts';
import type { Compilation } from './compilation.ts';
import { BINDS_ONLY, compileText } from './text.ts';

/** Who may call an expose; nothing when all may, or when a finding refuses the start. */
export function compileAccess(
  compilation: Compilation,
  expose: Expose,
  exposePointer: string,
): { readonly authentication?: InboundPlan; readonly credential?: CredentialFacts } {
  const { authentication: written } = expose;
  if (written === undefined) return {};
  const pointer = pointerOf(exposePointer, 'authentication');
  if (expose.type === 'mcp' && expose.transport === 'stdio') {
    compilation.report(
      'KEY_UNKNOWN',
      pointer,
      '"authentication" has no meaning with transport stdio: only the program that starts the gateway speaks there. Remove it, or say transport: http.',
      { at: 'key' },
    );
    return {};
  }
  // A made-up secret would let in whoever can guess it.
  const strict = { ...compilation, options: { ...compilation.options, inventVariables: false } };
  const authentication = compileInbound(written, pointer, {
    fill(text, at) {
      const value = compileText(strict, withBraces(strict, text, at), at, BINDS_ONLY);
      return value !== undefined && 'constant' in value ? String(value.constant) : undefined;
    },
    report: (code, at, message) => compilation.report(code, at, message),
    secrets: compilation.secrets,
  });
  return authentication === undefined
    ? {}
    : { authentication, credential: factsOf(compilation, written) };
}

/** Only what the file names is told: a variable of the environment, or a user name in clear. */
function factsOf({ variables }: Compilation, block: unknown): CredentialFacts {
  const facts: Record<string, CredentialFacts[string]> = {};
  for (const [field, written] of Object.entries(block as Readonly<Record<string, unknown>>)) {
    if (typeof written !== 'string') continue;
    const tag = /^\s*\{\{\s*([^{}]+?)\s*\}\}\s*$/.exec(written)?.[1];
    const variable = variables.find(tag ?? written);
    const isNamed = tag !== undefined || (variable?.listed === true && variable.name === written);
    if (isNamed && variable?.from === ENVIRONMENT) facts[field] = { variable: variable.key };
    else if (field === 'username' && !hasTags(written)) facts[field] = { text: written };
  }
  return facts;
}
