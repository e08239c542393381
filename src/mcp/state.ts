import { createHash } from 'node:crypto';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../json.ts';
import type { HeldBody } from '../plan/content.ts';
import type { Json } from '../plan/plan.ts';
import { isAble } from './capabilities.ts';
import type { CallContext, Rounds, Subject } from './conversation.ts';
import { INVALID_PARAMS, RpcError } from './rpc-error.ts';
import { createSeal } from './seal.ts';

export interface RoundsOptions {
  /**
   * A secret that several gateways share, so that each reads what another has sealed; one of this
   * process alone when absent.
   */
  readonly key?: string | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** Milliseconds that a client has to come back with its answers. */
const PATIENCE = 10 * 60_000;
/** A call that asks more often than this goes round in circles. */
const MOST_ROUNDS = 20;
/** Bytes of what may be kept in the hands of a client. */
const LARGEST = 1024 * 1024;
const PURPOSE = 'naftiko requestState 1';

/** What is sealed. */
interface Kept {
  /** Milliseconds since 1970 after which it is worth nothing. */
  readonly until: number;
  /** Which round of questions it goes with, from 1. */
  readonly round: number;
  /** The steps that were asked for. */
  readonly asked: readonly string[];
  /** Names and values of the steps that are done; no value for one that gave nothing. */
  readonly earlier: readonly (readonly [name: string, value?: Json])[];
  /** Answers as they came, in base64. */
  readonly held: readonly (readonly [name: string, bytes: string, mediaType?: string])[];
}

/**
 * Seals what a call has learned so far and reads it when the call comes again. The state is
 * encrypted, and bound to the caller, the server, what is called, and the arguments. Whoever has one
 * may use it again while it lasts, as he may make the call again.
 */
export function createRounds({ key, now = Date.now }: RoundsOptions = {}): Rounds {
  const seal = createSeal({ key, purpose: PURPOSE, largest: LARGEST });

  function opened(subject: Subject, context: CallContext): Kept | undefined {
    const { state } = context;
    if (state === undefined) return undefined;
    const bytes = seal.open(state, boundTo(subject, context));
    if (bytes === undefined) {
      throw refusal(
        'The requestState is not one that was given to this caller for this call with these arguments. Send the call again without it, to be asked anew.',
      );
    }
    const kept = JSON.parse(bytes.toString('utf8')) as Kept;
    if (kept.until < now()) {
      throw refusal(
        `The requestState has expired: answers are awaited for ${PATIENCE / 60_000} minutes. Send the call again without it, to be asked anew.`,
      );
    }
    return kept;
  }

  return {
    open(subject, context) {
      const kept = opened(subject, context);
      const { client, answers = {} } = context;
      // An answer counts for a question that was put, and for none that will be.
      const asked = kept?.asked.filter((name) => Object.hasOwn(answers, name)) ?? [];
      return {
        can: (capability) => isAble(client, capability),
        answers: record(asked.map((name) => [name, answers[name]])),
        earlier: record(kept?.earlier ?? []),
        held: bodies(kept?.held ?? []),
      };
    },
    seal(subject, { questions, earlier, held = {} }, context) {
      const round = (opened(subject, context)?.round ?? 0) + 1;
      const asked = Object.keys(questions);
      if (round > MOST_ROUNDS) {
        throw new GatewayError(
          'ASK_UNANSWERED',
          `The client was asked ${MOST_ROUNDS} times, and there is still no answer that fits for ${asked.join(', ')}.`,
        );
      }
      const kept: Kept = {
        until: now() + PATIENCE,
        round,
        asked,
        earlier: Object.entries(earlier).map(([name, value]) =>
          value === undefined ? [name] : [name, value],
        ),
        held: Object.entries(held).map(([name, { bytes, mediaType }]) => {
          const text = bytes.toString('base64');
          return mediaType === undefined ? [name, text] : [name, text, mediaType];
        }),
      };
      const bytes = Buffer.from(JSON.stringify(kept));
      if (bytes.length > LARGEST) {
        throw new GatewayError(
          'UPSTREAM_TOO_LARGE',
          `The steps so far gave ${bytes.length} bytes, and at most ${LARGEST} can be kept while the client is asked. Let them give less, or ask before them.`,
        );
      }
      return {
        inputRequests: questions,
        requestState: seal.close(bytes, boundTo(subject, context)),
      };
    },
  };
}

const refusal = (message: string): RpcError => new RpcError(INVALID_PARAMS, message);

/** What a state is worth something for. */
function boundTo({ server, method, name, args }: Subject, { principal = '' }: CallContext): Buffer {
  const digest = createHash('sha256').update(canonical(args)).digest('base64');
  return Buffer.from(JSON.stringify([principal, server, method, name, digest]));
}

/** JSON that does not depend on the order of keys. Arguments were checked for their depth. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    isRecord(member)
      ? record(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );

function record<Value>(
  entries: readonly (readonly [name: string, value?: Value])[],
): Record<string, Value | undefined> {
  const all: Record<string, Value | undefined> = Object.create(null);
  for (const [name, value] of entries) all[name] = value;
  return all;
}

function bodies(held: Kept['held']): Record<string, HeldBody> {
  const all: Record<string, HeldBody> = Object.create(null);
  for (const [name, text, mediaType] of held) {
    const bytes = Buffer.from(text, 'base64');
    all[name] = mediaType === undefined ? { bytes } : { bytes, mediaType };
  }
  return all;
}
