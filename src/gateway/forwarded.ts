import { isHeaderName, isManagedHeader } from '../compile/headers.ts';
import { OptionError } from './namespaces.ts';

/**
 * The caller headers that go upstream, in lower case.
 * @throws OptionError for a name that is no header's, or one that only the connection may have
 */
export function forwardedHeaders(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!isHeaderName(name)) {
      throw new OptionError(`--forward-header ${name}: this cannot be the name of a header.`);
    }
    if (isManagedHeader(name)) {
      throw new OptionError(
        `--forward-header ${name}: this header belongs to the connection with the consumed API, so the gateway sets it itself.`,
      );
    }
  }
  return [...new Set(names.map((name) => name.toLowerCase()))];
}
