import { isCall } from '../expression/call.ts';
import { compileTemplate, hasTags, parseTemplate, type Value } from '../expression/template.ts';
import { type Compilation, useVariable } from './compilation.ts';
import { compileCallTag } from './functions.ts';

/** What the tags of a text may name beside the variables of binds. */
export interface Names {
  /** Asked before the binds. `alone` says that the tag is the whole text, so its value keeps its type. */
  readonly before?: (name: string, alone: boolean) => Value | undefined;
  /** Asked when no bind gives the name. */
  readonly after?: (name: string, alone: boolean) => Value | undefined;
  /** The rest of the sentence about a name that nothing gives. */
  readonly unknown: string;
  /** The value is made once, when the file is loaded. */
  readonly fixed?: true;
}

/** A string of the file that may hold tags. undefined when something of it is wrong, which is reported. */
export function compileText(
  compilation: Compilation,
  text: string,
  pointer: string,
  names: Names,
): Value | undefined {
  if (!hasTags(text)) return { constant: text };
  const { parts, why } = parseTemplate(text);
  if (parts === undefined) {
    compilation.report('TEMPLATE_INVALID', pointer, `This text cannot be read: ${why}.`);
    return undefined;
  }
  const resolve = (name: string, alone: boolean): Value | undefined => {
    const own = names.before?.(name, alone);
    if (own !== undefined) return own;
    if (isCall(name)) {
      const inside = (each: string): Value | undefined => resolve(each, false);
      const fixed = names.fixed === true;
      return compileCallTag(compilation, name, pointer, { resolve: inside, fixed });
    }
    const bound = useVariable(compilation, name, pointer);
    if (bound === 'missing') return undefined;
    const value = bound ?? names.after?.(name, alone);
    if (value === undefined)
      compilation.report(
        'VARIABLE_UNKNOWN',
        pointer,
        `{{${name}}} names nothing: ${names.unknown}`,
      );
    return value;
  };
  const alone = parts.length === 1;
  return compileTemplate(parts, (name) => resolve(name, alone));
}

/** For texts that only binds may fill. */
export const BINDS_ONLY: Names = {
  unknown: 'no bind of this file gives it. Add it to the keys of a bind.',
  fixed: true,
};
