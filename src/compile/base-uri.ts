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
  const { namespace } = consumes;
  const pointer = pointerOf(blockPointer, 'baseUri');
  const written = (compilation.options.baseUris?.get(namespace) ?? consumes.baseUri).trim();
  const how = `Give it with --base-uri ${namespace}=<url>, or in the environment as ${baseUriVariable(namespace)}.`;
  const refuse = (code: 'BASE_URI_INCOMPLETE' | 'BASE_URI_INVALID', message: string) => {
    compilation.report(code, pointer, message);
    return NOTHING;
  };
  const text = fillVariables(compilation, written, pointer);
  if (text === undefined) return NOTHING;
  if (typeof text === 'object') {
    const message = `The base URI "${shown(written)}" has no value for ${text.open}. ${how}`;
    return refuse('BASE_URI_INCOMPLETE', message);
  }
  if (text === '') return refuse('BASE_URI_INCOMPLETE', `The base URI is empty. ${how}`);
  const absolute = text.startsWith('//') ? `https:${text}` : text;
  if (!/^https?:\/\//i.test(absolute)) {
    return /^[a-z][a-z\d+.-]*:\/\//i.test(absolute)
      ? refuse(
          'BASE_URI_INVALID',
          `The base URI "${shown(written)}" is no http or https address. ${how}`,
        )
      : refuse(
          'BASE_URI_INCOMPLETE',
          `The base URI "${shown(written)}" does not say which host it means: it begins with neither http:// nor https://. ${how}`,
        );
  }
  const read = readUrl(absolute);
  return typeof read === 'object'
    ? read
    : refuse('BASE_URI_INVALID', `The base URI "${shown(written)}" ${read} ${how}`);
}

/** The environment variable that sets a base URI: `NAFTIKO_BASE_URI_KOYEB_SESSIONS`. */
export const baseUriVariable = (namespace: string): string =>
  `NAFTIKO_BASE_URI_${namespace.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;

const OPEN = /\{[^{}]*\}/;

/** What a message shows of a base URI: nothing that could be a credential. */
const shown = (text: string): string =>
  text.replace(/\/\/[^/?#]*@/, '//…@').replace(/[?#].*/s, (tail) => `${tail.slice(0, 1)}…`);

/** The text with its variables filled in, or what has no value; undefined when that was reported. */
function fillVariables(
  compilation: Compilation,
  text: string,
  pointer: string,
): string | { readonly open: string } | undefined {
  const { parts, why } = parseTemplate(text);
  if (parts === undefined) {
    compilation.report('TEMPLATE_INVALID', pointer, `This base URI cannot be read: ${why}.`);
    return undefined;
  }
  let out = '';
  let open: string | undefined;
  let isMissing = false;
  for (const part of parts) {
    if ('text' in part) {
      open ??= OPEN.exec(part.text)?.[0];
      out += part.text;
      continue;
    }
    // Host names are no secrets, and are worth showing; a path may hold a token.
    const secret = /\/\/[^/]*\//.test(out);
    const value = useVariable(compilation, part.name, pointer, { secret });
    if (value === 'missing') isMissing = true;
    else if (value === undefined) open ??= `{{${part.name}}}`;
    else out += value.constant;
  }
  if (open !== undefined) return { open };
  return isMissing ? undefined : out;
}

/** The parts of an address, or the end of a sentence saying what is wrong with it. */
function readUrl(text: string): CompiledBase | string {
  if (!URL.canParse(text)) return 'is not a valid address.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return 'holds a user name or password. Put them in an authentication block, so that they are kept secret.';
  }
  if (url.search !== '' || url.hash !== '') {
    return 'has a query or fragment. Declare query parameters under inputParameters instead.';
  }
  const path = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, path, text: url.origin + path };
}
