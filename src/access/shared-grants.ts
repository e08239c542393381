import type { SessionPlan } from '../plan/outbound.ts';
import type { SharedRedis } from '../redis/redis.ts';
import { accountOf } from './account.ts';
import type { SharedGrants } from './session-keeper.ts';
import type { Grant } from './session-login.ts';

/** A session whose end nobody knows is worth trying for so long. */
const LONGEST_MS = 24 * 60 * 60_000;

type Kept = Omit<Grant, 'expires' | 'renewal'> & {
  /** null for never. */
  readonly expires: number | null;
  readonly renewal: number | null;
};

/** Sessions that several gateways share, sealed: one logs in, and the others take what it was given. */
export function createSharedGrants(redis: SharedRedis): SharedGrants {
  const { seal } = redis;
  const nameOf = (plan: SessionPlan): string => seal.name(`session ${accountOf(plan)}`);
  const at = (name: string): string => `naftiko:session:${name}`;
  return {
    async read(plan) {
      const name = nameOf(plan);
      const sealed = await redis.run((client) => client.getBuffer(at(name)));
      const opened = sealed == null ? undefined : seal.open(sealed, name);
      if (opened === undefined) return undefined;
      const kept = JSON.parse(opened.toString('utf8')) as Kept;
      const never = Number.POSITIVE_INFINITY;
      return { ...kept, expires: kept.expires ?? never, renewal: kept.renewal ?? never };
    },
    async write(plan, grant, now) {
      const name = nameOf(plan);
      const left = Math.floor(Math.min(grant.expires - now, LONGEST_MS));
      if (left < 1) return;
      // JSON has no infinity: it becomes null by itself.
      const sealed = seal.close(Buffer.from(JSON.stringify(grant)), name);
      await redis.run((client) => client.set(at(name), sealed, 'PX', left));
    },
    async forget(plan) {
      await redis.run((client) => client.del(at(nameOf(plan))));
    },
  };
}
