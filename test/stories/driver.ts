import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { type Actor, find, restActor, toolActor } from './actor.ts';
import type { Ledger } from './ledger.ts';

export const FACES = ['REST', 'MCP'] as const;

export interface StoryPlace {
  readonly face: Actor['face'];
  readonly files: string | readonly string[];
  readonly ledger: Ledger;
  readonly story: string;
}

type Call = Parameters<Actor['call']>;

export interface Told {
  readonly served: TestGateway;
  readonly ask: Actor['call'];
  /** A call that has to succeed, and shows the operation: what it answered. */
  // biome-ignore lint/suspicious/noExplicitAny: what APIs answer
  readonly get: (...call: Call) => Promise<any>;
  /** A call that has to be refused with a status: the text of the refusal. */
  readonly refused: (status: number, ...call: Call) => Promise<string>;
}

/** Serves capability files to the clients of one face. */
export async function tell(
  t: TestContext,
  { face, files, ledger, story }: StoryPlace,
  options: TestGatewayOptions,
): Promise<Told> {
  const served = await startGateway(t, files, options);
  const { operations } = ledger;
  const shown = ledger.story(story);
  const { call } =
    face === 'REST'
      ? restActor(operations, served.rest, () => {})
      : await toolActor(t, operations, served.mcp, () => {});
  return {
    served,
    ask: call,
    async get(...asked) {
      const { ok, status, value, text } = await call(...asked);
      assert.ok(ok, `${asked[0]} over ${face}: ${status} ${text}`);
      shown(find(operations, asked[0]).name, face);
      return value;
    },
    async refused(expected, ...asked) {
      const { status, text } = await call(...asked);
      assert.equal(status, expected, `${asked[0]} over ${face}: ${text}`);
      return text;
    },
  };
}
