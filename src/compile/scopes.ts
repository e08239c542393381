import { isDemanded, isScope, noScope } from '../auth/inbound.ts';
import type { ExposesMcp, Scoped } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { withBraces } from './bare-variable.ts';
import type { Compilation } from './compilation.ts';
import { BINDS_ONLY, compileText } from './text.ts';

/** What a caller's token has to have for one tool, resource or prompt; nothing when all may use it. */
export function compileScopes(
  compilation: Compilation,
  expose: ExposesMcp,
  { scopes: written = [] }: Scoped,
  itemPointer: string,
): { readonly scopes?: readonly string[] } {
  if (written.length === 0) return {};
  const pointer = pointerOf(itemPointer, 'scopes');
  if (!readsTokens(expose)) {
    compilation.report(
      'SCOPES_UNCHECKED',
      pointer,
      expose.transport === 'stdio'
        ? 'Over stdio nobody shows a token, so nothing would ask for these scopes. Serve the expose over http with authentication of type oauth2, or remove them.'
        : `${expose.authentication === undefined ? 'The expose has no authentication' : 'The authentication of the expose is not of type oauth2'}, so nothing would ask for these scopes and everybody could use this. Give the expose authentication of type oauth2, or remove them.`,
      { at: 'key' },
    );
    return {};
  }
  const scopes = new Set<string>();
  for (const [index, each] of written.entries()) {
    const at = pointerOf(pointer, index);
    const value = compileText(compilation, withBraces(compilation, each, at), at, BINDS_ONLY);
    if (value === undefined || !('constant' in value)) continue;
    const scope = String(value.constant);
    if (!isScope(scope)) compilation.report('VALUE_NOT_ALLOWED', at, noScope(scope));
    else if (isDemanded(scope)) scopes.add(scope);
  }
  return { scopes: [...scopes] };
}

function readsTokens({ authentication, transport }: ExposesMcp): boolean {
  const { type } = (authentication ?? {}) as { readonly type?: unknown };
  return type === 'oauth2' && transport !== 'stdio';
}
