import { isRecord } from '../json.ts';
import type { Reply } from '../plan/dialogue.ts';
import type { Json } from '../plan/plan.ts';
import type { Form } from './elicit-form.ts';

/** What later steps see of what clients answered. */

type Read = (answer: unknown) => Reply;

/** The fields that a user filled in. */
export const readForm =
  ({ read }: Form): Read =>
  (answer) =>
    readAction(answer, read);

/** Whether a user agreed; `{accepted: true}` where nothing else is to be read. */
export function readAction(
  answer: unknown,
  read: (content: unknown) => Reply = () => ({ value: { accepted: true } }),
): Reply {
  const { action, content } = isRecord(answer) ? answer : {};
  if (action === 'decline' || action === 'cancel') return { refused: action };
  if (action === 'accept') return read(content);
  return { again: 'there is no action accept, decline or cancel' };
}

/** What a model said: `text` is all it said in words, `content` every piece. */
export function readSample(answer: unknown): Reply {
  const { content, model, stopReason } = isRecord(answer) ? answer : {};
  const blocks = Array.isArray(content) ? content : [content];
  const pieces: Json[] = [];
  const texts: string[] = [];
  for (const block of blocks) {
    const { type, text, data, mimeType } = isRecord(block) ? block : {};
    if (type === 'text' && typeof text === 'string') {
      pieces.push({ type, text });
      texts.push(text);
    } else if (
      (type === 'image' || type === 'audio') &&
      typeof data === 'string' &&
      typeof mimeType === 'string'
    ) {
      pieces.push({ type, data, mimeType });
    }
  }
  if (pieces.length === 0) return { again: 'there is no text, image or audio in it' };
  return {
    value: {
      text: texts.join('\n'),
      content: pieces,
      ...(typeof model === 'string' ? { model } : {}),
      ...(typeof stopReason === 'string' ? { stopReason } : {}),
    },
  };
}

/** The places a client works on: a list of `{uri, name?}`. */
export function readRoots(answer: unknown): Reply {
  const { roots } = isRecord(answer) ? answer : {};
  if (!Array.isArray(roots)) return { again: 'there is no list of roots' };
  const value: Json[] = [];
  for (const root of roots) {
    const { uri, name } = isRecord(root) ? root : {};
    if (typeof uri !== 'string' || !URL.canParse(uri)) {
      return { again: 'a root has no URI' };
    }
    value.push(typeof name === 'string' ? { uri, name } : { uri });
  }
  return { value };
}
