import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  type Cloudillo,
  type CloudilloOptions,
  OWNER,
  startCloudillo,
} from '../../src/sandbox/cloudillo.ts';
import { bounded } from '../support/http.ts';
import type { Actor, Reply } from './actor.ts';
import { assertNoLeak } from './leaks.ts';
import { createLedger } from './ledger.ts';
import { operationsOf } from './outline.ts';
import { capabilityPath, type Stage, setStage } from './serve.ts';

export const FILE = capabilityPath('cloudillo-authentication.yaml');
/** Of all stories of Cloudillo. */
export const ledger = createLedger(operationsOf(FILE));
export const LOGIN = 'POST /api/auth/login';
export const RENEWAL = 'GET /api/auth/login-token';

export interface Scene extends Stage {
  readonly cloudillo: Cloudillo;
}

export async function scene(
  t: TestContext,
  story: string,
  options: CloudilloOptions & Partial<typeof OWNER> & { readonly commands?: boolean } = {},
): Promise<Scene> {
  const { idTag = OWNER.idTag, password = OWNER.password } = options;
  const cloudillo = await startCloudillo(t, options);
  const stage = await setStage(t, {
    file: FILE,
    story,
    ledger,
    environment: { CLOUDILLO_ID_TAG: idTag, CLOUDILLO_PASSWORD: password },
    baseUris: { 'cloudillo-api': cloudillo.api.origin, 'cloudillo-app': cloudillo.app.origin },
    ...(options.commands === true ? { dryRun: ['list-api-keys'] } : {}),
  });
  return { ...stage, cloudillo };
}

export async function nothingLeaked({ cloudillo, said }: Scene): Promise<void> {
  assertNoLeak(cloudillo.secrets(), await said());
}

export const fields = (reply: Reply): Readonly<Record<string, unknown>> => {
  assert.ok(reply.ok, reply.text);
  return reply.value as Readonly<Record<string, unknown>>;
};

export async function refuses(
  reply: Promise<Reply>,
  status: number,
  about?: RegExp,
): Promise<void> {
  const { ok, status: given, text } = await reply;
  assert.equal(ok, false, text);
  assert.equal(given, status, text);
  if (about !== undefined) assert.match(text, about);
}

/** The same story for a caller of each face, each with a server of its own. */
export function overBothFaces(
  name: string,
  options: NonNullable<Parameters<typeof scene>[2]>,
  tell: (actor: Actor, given: Scene, t: TestContext) => Promise<void>,
): void {
  for (const face of [0, 1] as const) {
    test(
      `Cloudillo, ${options.mode} over ${['REST', 'MCP'][face]}: ${name}`,
      bounded,
      async (t) => {
        const given = await scene(t, name, options);
        await tell(given.actors[face], given, t);
        await nothingLeaked(given);
      },
    );
  }
}
