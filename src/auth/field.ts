import { pointerOf } from '../document/source.ts';

export type AuthFindingCode = 'AUTHENTICATION_INCOMPLETE' | 'VALUE_NOT_ALLOWED';

/** What compiling an authentication block needs of the file around it. */
export interface AuthContext {
  /** The text with its variables filled in; undefined when one has no value, which is reported by then. */
  readonly fill: (text: string, pointer: string) => string | undefined;
  readonly report: (code: AuthFindingCode, pointer: string, message: string) => void;
  /** Values that must never be shown. */
  readonly secrets: Set<string>;
}

export interface FieldReader {
  readonly pointer: string;
  /** The filled-in text of a field that has to be there; undefined was reported. */
  text(name: string): string | undefined;
  /** As `text`, and never shown from then on. */
  secret(name: string): string | undefined;
  /** An absolute http or https URI without a fragment. */
  uri(name: string): string | undefined;
  has(name: string): boolean;
  refuse(name: string, message: string): undefined;
}

/** Reads the fields of one authentication block. An empty value is as good as none. */
export function readFields(
  type: string,
  block: Readonly<Record<string, unknown>>,
  pointer: string,
  { fill, report, secrets }: AuthContext,
): FieldReader {
  function text(name: string): string | undefined {
    const written = block[name];
    const at = pointerOf(pointer, name);
    if (written === undefined || written === null || String(written).trim() === '') {
      const message = `Authentication of type ${type} needs "${name}", which is missing or empty.`;
      report('AUTHENTICATION_INCOMPLETE', pointer, message);
      return undefined;
    }
    const value = fill(String(written), at);
    if (value === undefined) return undefined;
    const flaw = flawOf(name, value);
    if (flaw === undefined) return value;
    report('AUTHENTICATION_INCOMPLETE', at, flaw);
    return undefined;
  }
  const refuse = (name: string, message: string): undefined => {
    report('VALUE_NOT_ALLOWED', pointerOf(pointer, name), message);
  };
  return {
    pointer,
    text,
    refuse,
    has: (name) => block[name] !== undefined && block[name] !== null,
    secret(name) {
      const value = text(name);
      if (value !== undefined) secrets.add(value);
      return value;
    },
    uri(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const url = URL.canParse(value) ? new URL(value) : undefined;
      if (url !== undefined && /^https?:$/.test(url.protocol) && url.hash === '') return value;
      return refuse(name, `"${name}" has to be an http or https address without a fragment.`);
    },
  };
}

/** Why a value protects nothing, or could never be sent. */
function flawOf(name: string, value: string): string | undefined {
  if (value.trim() === '') return `"${name}" is empty once its variables are filled in.`;
  if (/^\$env\.\w+$/.test(value.trim()))
    return `"${name}" is the text ${value.trim()}, which nothing fills in. Write {{${value.trim().slice(5)}}} and list that name under the keys of a bind.`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no header can hold
  if (/[\0-\x1f\x7f]/.test(value))
    return `"${name}" holds a line break or another control character, which no request can carry. Check the variable it comes from for a stray line break.`;
  return undefined;
}
