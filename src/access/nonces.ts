import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Nonces {
  issue(): string;
  /** True once for each count of a nonce that was issued here and is not too old. */
  use(nonce: string, count: number): boolean;
}

export interface NonceOptions {
  readonly lifetimeMs: number;
  /** Nonces that are remembered at once. */
  readonly most: number;
  readonly now: () => number;
  /** Others with the same one take these nonces, too; each of them once for each count. */
  readonly key?: Buffer | undefined;
}

/** How far a count may lie behind the highest seen: requests on several connections overtake each other. */
const WINDOW = 64;

interface Use {
  highest: number;
  /** Counts used among the last WINDOW. */
  readonly counts: Set<number>;
}

/**
 * A nonce carries its time and a proof that it was made here, so that asking for nonces costs no
 * memory; only those that were used with the right password are remembered.
 */
export function createNonces({
  lifetimeMs,
  most,
  now,
  key = randomBytes(32),
}: NonceOptions): Nonces {
  const used = new Map<string, Use>();
  /** What was issued up to then may have been forgotten, and is not taken any more. */
  let forgottenUntil = -1;

  const sign = (head: string): Buffer => createHmac('sha256', key).update(head).digest();

  function issuedAt(nonce: string): number | undefined {
    const [time = '', salt = '', proof = ''] = nonce.split('.');
    const given = Buffer.from(proof, 'base64url');
    const wanted = sign(`${time}.${salt}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    return Number.parseInt(time, 36);
  }

  function remember(nonce: string): Use {
    const use = { highest: 0, counts: new Set<number>() };
    used.set(nonce, use);
    for (const old of used.keys()) {
      const time = Number.parseInt(old, 36);
      if (used.size <= most && time + lifetimeMs > now()) break;
      if (time + lifetimeMs > now()) forgottenUntil = Math.max(forgottenUntil, time);
      used.delete(old);
    }
    return use;
  }

  return {
    issue() {
      const head = `${now().toString(36)}.${randomBytes(12).toString('base64url')}`;
      return `${head}.${sign(head).toString('base64url')}`;
    },
    use(nonce, count) {
      const time = issuedAt(nonce);
      if (time === undefined || time + lifetimeMs <= now()) return false;
      const known = used.get(nonce);
      if (known === undefined && time <= forgottenUntil) return false;
      const use = known ?? remember(nonce);
      if (!Number.isSafeInteger(count) || count < 1) return false;
      if (count <= use.highest - WINDOW || use.counts.has(count)) return false;
      use.counts.add(count);
      use.highest = Math.max(use.highest, count);
      for (const old of use.counts) if (old <= use.highest - WINDOW) use.counts.delete(old);
      return true;
    },
  };
}
