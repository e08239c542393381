import assert from 'node:assert/strict';
import type { Actor, Reply } from '../stories/actor.ts';

/** Somebody's way through all operations of an API, over one face. */
export interface Journey {
  readonly actor: Actor;
  readonly idTag: string;
  readonly password: string;
  /** A reference that sets a password, as a mail has it; without one only refusals are seen. */
  readonly reference?: string;
  /**
   * Does one thing and tells what came of it: what `run` says, or why it failed. A failure ends
   * no journey, and gives undefined.
   */
  step<Result>(
    operation: string,
    what: string,
    run: () => Promise<Result>,
  ): Promise<Result | undefined>;
}

export interface Told {
  readonly face: string;
  readonly operation: string;
  readonly what: string;
  /** Undefined: all was as it should be. */
  readonly failure: string | undefined;
}

export type Step = Journey['step'];

/** Steps that tell how they went, one after another. */
export const steps =
  (face: string, tell: (told: Told) => void): Step =>
  async (operation, what, run) => {
    try {
      const result = await run();
      tell({ face, operation, what, failure: undefined });
      return result;
    } catch (error) {
      tell({ face, operation, what, failure: (error as Error).message });
      return undefined;
    }
  };

export type Fields = Readonly<Record<string, unknown>>;

/** What a call gave that has to succeed. */
export async function given(reply: Promise<Reply>): Promise<unknown> {
  const { ok, status, text, value } = await reply;
  assert.ok(ok, `${status}: ${text}`);
  return value;
}

export const fieldsOf = async (reply: Promise<Reply>): Promise<Fields> =>
  (await given(reply)) as Fields;

/** A call that has to be refused with a status, and words if they are given. */
export async function refused(
  reply: Promise<Reply>,
  status: number,
  words?: RegExp,
): Promise<void> {
  const { ok, status: found, text } = await reply;
  assert.equal(ok, false, `not refused: ${text}`);
  assert.equal(found, status, text);
  if (words !== undefined) assert.match(text, words);
}

export function claimsOf(token: unknown): Fields {
  const parts = String(token).split('.');
  assert.equal(parts.length, 3, 'a JWT has three parts');
  return JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString()) as Fields;
}
