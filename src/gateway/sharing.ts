import type { SharedGrants } from '../access/session-keeper.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { SharedRedis } from '../redis/redis.ts';
import { OptionError } from './namespaces.ts';
import type { GatewayOptions } from './options.ts';
import { requireStateKey, stateKey } from './state-key.ts';

type Options = Pick<GatewayOptions, 'redis' | 'stateKey' | 'environment'>;

/**
 * Where the Redis is that gateways share, from the option or the environment; undefined for none.
 * @throws OptionError when it is no address of one, or the gateways have no secret in common
 */
export function redisUrl(options: Options): URL | undefined {
  const { redis, environment = process.env } = options;
  const given = redis ?? environment.NAFTIKO_REDIS_URL;
  if (given === undefined || given === '') return undefined;
  const name = redis === undefined ? 'NAFTIKO_REDIS_URL' : '--redis';
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new OptionError(
      `${name} is no address of a Redis. Write it as redis://host:6379 or rediss://user:password@host:6380/0.`,
    );
  }
  requireStateKey(
    options,
    'What gateways share through Redis is sealed with a secret they have in common',
  );
  return url;
}

/** Parts of the address that must not be shown. */
export const secretsOf = (url: URL | undefined): readonly string[] =>
  url === undefined || url.password === '' ? [] : [url.password, decodeURIComponent(url.password)];

/** Connects to the Redis that was asked for; it is told once when it goes away, and once when it is back. */
export async function shareThrough(
  url: URL | undefined,
  options: Options,
  log: Log,
  metrics: Metrics | undefined,
): Promise<SharedRedis | undefined> {
  if (url === undefined) return undefined;
  const { connectRedis } = await import('../redis/redis.ts');
  const where = { redis: url.host };
  const lost = metrics?.counter('naftiko_redis_lost_total', 'How often Redis has gone away.', [])();
  const redis = await connectRedis({
    url,
    key: stateKey(options) as string,
    onAway(why) {
      lost?.();
      log.warn(
        { ...where, cause: why },
        'Redis is away: this gateway counts and keeps for itself until it is back.',
      );
    },
    onBack: () => log.info(where, 'Redis is back: what is counted and kept is shared again.'),
  });
  metrics?.add({
    name: 'naftiko_redis_up',
    help: '1 while Redis answers, 0 while it is away.',
    type: 'gauge',
    samples: () => [{ value: redis.isAway() ? 0 : 1, labels: {} }],
  });
  return redis;
}

/** Sessions of consumed APIs, shared where anything is. */
export async function shareGrants(
  redis: SharedRedis | undefined,
): Promise<SharedGrants | undefined> {
  if (redis === undefined) return undefined;
  const { createSharedGrants } = await import('../access/shared-grants.ts');
  return createSharedGrants(redis);
}
