import { readFileSync } from 'node:fs';
import type { McpPrompt } from '../document/faces.ts';
import { pointerOf } from '../document/source.ts';
import type { PromptMessage } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { WrittenPart } from './content.ts';
import { locatePath } from './location.ts';

/** Bytes that the file of a prompt may have. */
const FILE_LIMIT = 1024 * 1024;

/** One message of a prompt, as it is written. */
export interface PromptText {
  readonly role: PromptMessage['role'];
  readonly text: string;
  readonly pointer: string;
  /** In place of the text. */
  readonly part?: WrittenPart;
}

/** The messages of a template, or the text of a file; undefined when what is wrong has been reported. */
export function promptTexts(
  compilation: Compilation,
  { name, template, location }: McpPrompt,
  pointer: string,
): readonly PromptText[] | undefined {
  const inline = template !== undefined && template.length > 0;
  if (inline === (location !== undefined)) {
    compilation.report(
      'PROMPT_INVALID',
      pointer,
      `The prompt "${name}" has ${inline ? 'both a template and a location' : 'neither a template nor a location'}. Give it one of the two.`,
    );
    return undefined;
  }
  if (location === undefined) {
    return (template ?? []).map(({ role, content }, index) => ({
      role,
      ...(typeof content === 'string'
        ? { text: content }
        : { text: '', part: content as unknown as WrittenPart }),
      pointer: pointerOf(pointer, 'template', index, 'content'),
    }));
  }
  const at = pointerOf(pointer, 'location');
  const text = readPromptFile(compilation, location, at);
  return text === undefined ? undefined : [{ role: 'user', text, pointer: at }];
}

/** Read once, at load: a prompt whose file is missing or unreadable is an error then, not later. */
function readPromptFile(
  compilation: Compilation,
  location: string,
  pointer: string,
): string | undefined {
  const found = locatePath(compilation, location, pointer);
  if (found === undefined) return undefined;
  const { path, stats } = found;
  const refuse = (message: string): undefined => {
    compilation.report('LOCATION_INVALID', pointer, message);
    return undefined;
  };
  if (stats === undefined) {
    compilation.report(
      'LOCATION_MISSING',
      pointer,
      `There is no file ${path}, so the prompt has no text. Write it, or correct the location.`,
      { severity: 'error' },
    );
    return undefined;
  }
  if (!stats.isFile()) return refuse(`${path} is no regular file. Name the file with the prompt.`);
  if (stats.size > FILE_LIMIT) {
    return refuse(`${path} has ${stats.size} bytes; a prompt may have ${FILE_LIMIT}. Shorten it.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const unreadable = (error as NodeJS.ErrnoException).syscall !== undefined;
    return refuse(
      unreadable
        ? `${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Let this user read it.`
        : `${path} is no UTF-8 text. Save it as UTF-8.`,
    );
  }
}
