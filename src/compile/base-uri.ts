import type { ConsumesHttp } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { parseTemplate } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';

export interface CompiledBase {
  /** Scheme, host and port; '' after an error. */
  readonly origin: string;
  /** Path prefix without a slash at its end; '' for none. */
  readonly path: string;
  /** The whole, for people. */
  readonly text: string;
}

const NOTHING: CompiledBase = { origin: '', path: '', text: '' };

/**
 * The base URI of a consumes block: from the command line or environment when given there, else as
 * written with its variables filled in.
 */
export function compileBaseUri(
  compilation: Compilation,
  consumes: ConsumesHttp,
  blockPointer: string,
): CompiledBase {
  const pointer = pointerOf(blockPointer, 'baseUri');
  const { namespace } = consumes;
  const given = compilation.options.baseUris?.get(namespace);
  const written = consumes.baseUri.trim();
  const text = given ?? fillVariables(compilation, written, pointer);
  if (text === undefined) return NOTHING;
  const how = `Give it with --base-uri ${namespace}=<url>, or in the environment as ${baseUriVariable(namespace)}.`;
  const open = /\{[^{}]*\}/.exec(text)?.[0];
  if (open !== undefined) {
    compilation.report(
      'BASE_URI_INCOMPLETE',
      pointer,
      `The base URI "${written}" has no value for ${open}. ${how}`,
    );
    return NOTHING;
  }
  const absolute = text.startsWith('//') ? `https:${text}` : text;
  if (!/^https?:\/\//i.test(absolute)) {
    const what = text === '' ? 'is empty' : `"${text}" does not say which host it means`;
    compilation.report('BASE_URI_INCOMPLETE', pointer, `The base URI ${what}. ${how}`);
    return NOTHING;
  }
  return readUrl(compilation, absolute, pointer, how);
}

/** The environment variable that sets a base URI: `NAFTIKO_BASE_URI_KOYEB_SESSIONS`. */
export const baseUriVariable = (namespace: string): string =>
  `NAFTIKO_BASE_URI_${namespace.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;

function fillVariables(
  compilation: Compilation,
  text: string,
  pointer: string,
): string | undefined {
  let out = '';
  for (const part of parseTemplate(text)) {
    if ('text' in part) out += part.text;
    else {
      const value = useVariable(compilation, part.name, pointer, { secret: false });
      if (value === 'missing') return undefined;
      // A variable that no bind knows is left standing, and reported as an incomplete base URI.
      out += value !== undefined && 'constant' in value ? String(value.constant) : `{${part.name}}`;
    }
  }
  return out;
}

function readUrl(
  compilation: Compilation,
  text: string,
  pointer: string,
  how: string,
): CompiledBase {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    compilation.report(
      'BASE_URI_INVALID',
      pointer,
      `The base URI "${text}" is not a valid address. ${how}`,
    );
    return NOTHING;
  }
  if (url.username !== '' || url.password !== '') {
    compilation.report(
      'BASE_URI_INVALID',
      pointer,
      'The base URI holds a user name or password. Put them in an authentication block, so that they are kept secret.',
    );
    return NOTHING;
  }
  if (url.search !== '' || url.hash !== '') {
    compilation.report(
      'BASE_URI_INVALID',
      pointer,
      `The base URI "${text}" has a query or fragment. Declare query parameters under inputParameters instead.`,
    );
    return NOTHING;
  }
  const path = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, path, text: url.origin + path };
}
