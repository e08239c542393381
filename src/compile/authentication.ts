import type { ConsumesHttp } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { compileTemplate } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';

/** The credential of a consumes block as constants: what it adds to each request. */
export interface CompiledAuthentication {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
}

const NONE: CompiledAuthentication = { headers: [], query: [] };

/** bearer, basic and apikey, from binds. A field that is missing or empty is reported, never sent. */
export function compileAuthentication(
  compilation: Compilation,
  consumes: ConsumesHttp,
  blockPointer: string,
): CompiledAuthentication {
  const { authentication } = consumes;
  if (authentication === undefined) return NONE;
  const pointer = pointerOf(blockPointer, 'authentication');
  const field = (name: string, text: string | undefined): string | undefined =>
    readField(compilation, authentication.type, pointer, name, text);

  switch (authentication.type) {
    case 'bearer': {
      const token = field('token', authentication.token);
      if (token === undefined) return NONE;
      return withHeader(compilation, pointer, 'authorization', `Bearer ${token}`);
    }
    case 'basic': {
      const username = field('username', authentication.username);
      const password = field('password', authentication.password);
      if (username === undefined || password === undefined) return NONE;
      const encoded = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
      compilation.secrets.add(encoded);
      return withHeader(compilation, pointer, 'authorization', `Basic ${encoded}`);
    }
    case 'apikey': {
      const key = field('key', authentication.key ?? authentication.name);
      const value = field('value', authentication.value);
      if (key === undefined || value === undefined) return NONE;
      const placement = authentication.placement ?? authentication.in ?? 'header';
      return placement === 'query'
        ? { headers: [], query: [[key, value]] }
        : withHeader(compilation, pointer, key.toLowerCase(), value);
    }
    default:
      compilation.report(
        'NOT_SERVED_YET',
        pointer,
        `Authentication of type ${authentication.type} towards a consumed API is not served yet. bearer, basic and apikey are.`,
      );
      return NONE;
  }
}

function withHeader(
  compilation: Compilation,
  pointer: string,
  name: string,
  value: string,
): CompiledAuthentication {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header may not hold
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
    compilation.report(
      'AUTHENTICATION_INCOMPLETE',
      pointer,
      `The credential cannot be sent in the header "${name}": a header name or value may not hold line breaks or control characters. Check the variable it comes from for a stray line break.`,
    );
    return NONE;
  }
  return { headers: [[name, Buffer.from(value, 'utf8').toString('latin1')]], query: [] };
}

function readField(
  compilation: Compilation,
  type: string,
  pointer: string,
  name: string,
  text: string | undefined,
): string | undefined {
  const at = pointerOf(pointer, name);
  if (text === undefined || String(text) === '') {
    compilation.report(
      'AUTHENTICATION_INCOMPLETE',
      pointer,
      `Authentication of type ${type} needs "${name}", which is missing or empty.`,
    );
    return undefined;
  }
  let missing = false;
  const value = compileTemplate(String(text), (reference) => {
    const found = useVariable(compilation, reference, at);
    if (found === 'missing') missing = true;
    else if (found === undefined) {
      missing = true;
      compilation.report(
        'VARIABLE_UNKNOWN',
        at,
        `{{${reference}}} names nothing: no bind of this file gives it. Add it to the keys of a bind.`,
      );
    }
    return found === 'missing' ? undefined : found;
  });
  if (missing || value === undefined || !('constant' in value)) return undefined;
  const constant = String(value.constant);
  // A literal in the file is the author's own secret; it is masked like a bound one.
  if (name !== 'key' && name !== 'username') compilation.secrets.add(constant);
  if (constant.trim() === '') {
    compilation.report(
      'AUTHENTICATION_INCOMPLETE',
      at,
      `"${name}" is empty once its variables are filled in.`,
    );
    return undefined;
  }
  return constant;
}
