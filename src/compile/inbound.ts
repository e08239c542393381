import { compileInbound } from '../auth/inbound.ts';
import type { Expose } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import type { InboundPlan } from '../plan/inbound.ts';
import { withBraces } from './bare-variable.ts';
import type { Compilation } from './compilation.ts';
import { BINDS_ONLY, compileText } from './text.ts';

/** Who may call an expose; undefined when all may, or when a finding refuses the start. */
export function compileAccess(
  compilation: Compilation,
  expose: Expose,
  exposePointer: string,
): InboundPlan | undefined {
  const { authentication } = expose;
  if (authentication === undefined) return undefined;
  const pointer = pointerOf(exposePointer, 'authentication');
  if (expose.type === 'mcp' && expose.transport === 'stdio') {
    compilation.report(
      'KEY_UNKNOWN',
      pointer,
      '"authentication" has no meaning with transport stdio: only the program that starts the gateway speaks there. Remove it, or say transport: http.',
      { at: 'key' },
    );
    return undefined;
  }
  // A made-up secret would let in whoever can guess it.
  const strict = { ...compilation, options: { ...compilation.options, inventVariables: false } };
  return compileInbound(authentication, pointer, {
    fill(text, at) {
      const value = compileText(strict, withBraces(strict, text, at), at, BINDS_ONLY);
      return value !== undefined && 'constant' in value ? String(value.constant) : undefined;
    },
    report: (code, at, message) => compilation.report(code, at, message),
    secrets: compilation.secrets,
  });
}
