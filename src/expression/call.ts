/** An argument of a function in a template: a text or number as written, a name, another call. */
export type Argument =
  | { readonly literal: string | number }
  | { readonly name: string }
  | { readonly call: Call };

/** `base64(USER, ":", PASSWORD)`. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

/** A call, or a sentence saying why it cannot be read. */
export type ParsedCall =
  | { readonly call: Call; readonly why?: undefined }
  | { readonly call?: undefined; readonly why: string };

/** Whether what a tag holds is a call rather than a name: names hold spaces, and hardly brackets. */
export const isCall = (tag: string): boolean => /^[a-zA-Z]\w*\(.*\)$/s.test(tag);

const HEAD = /\s*([a-zA-Z]\w*)\(/y;
const TEXT = /\s*(?:"([^"]*)"|'([^']*)')\s*/y;
const NUMBER = /\s*(-?\d+(?:\.\d+)?)\s*(?=[,)])/y;
const NAME = /\s*([^\s,()"'](?:[^,()"']*[^\s,()"'])?)\s*(?=[,)])/y;
const BLANK = /\s*/y;

/** Reads `name(argument, …)`. Texts stand in either quotes, which they cannot hold themselves. */
export function parseCall(text: string): ParsedCall {
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | undefined => {
    expression.lastIndex = at;
    const found = expression.exec(text) ?? undefined;
    if (found !== undefined) at += found[0].length;
    return found;
  };

  function readCall(): Call | undefined {
    const name = take(HEAD)?.[1];
    if (name === undefined) return undefined;
    const args: Argument[] = [];
    take(BLANK);
    while (text[at] !== ')') {
      const arg = readArgument();
      if (arg === undefined) return undefined;
      args.push(arg);
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] !== ')') return undefined;
    at += 1;
    take(BLANK);
    return { name, args };
  }

  function readArgument(): Argument | undefined {
    const written = take(TEXT);
    if (written !== undefined) return { literal: written[1] ?? (written[2] as string) };
    const number = take(NUMBER)?.[1];
    if (number !== undefined) return { literal: Number(number) };
    const name = take(NAME)?.[1];
    if (name !== undefined) return { name };
    const call = readCall();
    return call === undefined ? undefined : { call };
  }

  const call = readCall();
  if (call !== undefined && at === text.length) return { call };
  return {
    why: `"${text}" is no call of a function: names and texts in quotes stand between its brackets, with commas between them`,
  };
}

/** The names among the arguments, also of calls within. */
export const namesIn = ({ args }: Call): readonly string[] =>
  args.flatMap((arg) => ('call' in arg ? namesIn(arg.call) : 'name' in arg ? [arg.name] : []));
