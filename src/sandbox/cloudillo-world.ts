import { type JsonWebKey, randomBytes } from 'node:crypto';
import { createJwtIssuer, type JwtIssuer } from './jwt.ts';

/** `documents`: answers as the published pages show them; `real`: as server 0.8 gives them. */
export type CloudilloMode = 'documents' | 'real';

export interface Account {
  readonly tnId: number;
  readonly idTag: string;
  readonly email: string;
  readonly name: string;
  password: string;
  /** The code that was mailed; undefined once it is verified. */
  code: string | undefined;
  readonly refs: Set<string>;
  readonly keys: ApiKey[];
  readonly passkeys: Passkey[];
}

export interface ApiKey {
  readonly id: number;
  readonly secret: string;
  name: unknown;
  scope: unknown;
  expiresAt: unknown;
  readonly createdAt: number;
  lastUsedAt: number | undefined;
}

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly key: JsonWebKey;
  readonly createdAt: number;
}

/** Everything a sandbox of Cloudillo knows. */
export interface World {
  readonly mode: CloudilloMode;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly accounts: Map<string, Account>;
  readonly jwt: JwtIssuer;
  /** Seconds. */
  readonly tokenLife: number;
  /** Tokens that were logged out. */
  readonly ended: Set<string>;
  /** Every secret that was given out or mailed. */
  readonly secrets: Set<string>;
  /** Counts a call of those that are limited. @throws Refusal 429 */
  readonly limit: () => void;
}

export interface WorldOptions {
  readonly mode: CloudilloMode;
  readonly now: () => number;
  readonly tokenLife: number;
  readonly limit: () => void;
}

export function createWorld({ mode, now, tokenLife, limit }: WorldOptions): World {
  return {
    mode,
    now,
    tokenLife,
    limit,
    accounts: new Map(),
    jwt: createJwtIssuer(now),
    ended: new Set(),
    secrets: new Set(),
  };
}

export const seconds = ({ now }: World): number => Math.floor(now() / 1000);
export const isoTime = (world: World, at = seconds(world)): string =>
  new Date(at * 1000).toISOString().replace('.000Z', 'Z');

/** A secret that is remembered, so that a test can look for it. */
export function secretOf(world: World, prefix = '', bytes = 32): string {
  const secret = prefix + randomBytes(bytes).toString('base64url');
  world.secrets.add(secret);
  return secret;
}
