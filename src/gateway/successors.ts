import type { SharedRedis } from '../redis/redis.ts';

/** Who goes on with sessions whose gateway is gone, so that of several only one does. */
export interface Successors {
  /**
   * @param gone the holder that nobody reaches any more
   * @param here who offers himself
   */
  of(session: string, gone: string, here: string): Promise<string>;
}

/** As long as the id of a session means anything. */
const LIFE_MS = 7 * 24 * 60 * 60_000;

/** What Redis says, and whoever is asked while it is away. */
export function successorsIn({ seal, run }: SharedRedis): Successors {
  return {
    async of(session, gone, here) {
      // One name for each holder that is gone: the first to offer himself for its place has it.
      const name = `naftiko:holder:${seal.name(JSON.stringify([session, gone]))}`;
      const offered = seal.close(Buffer.from(here), name);
      const found = await run(async (client) => {
        const isTaken = await client.set(name, offered, 'PX', LIFE_MS, 'NX');
        if (isTaken !== null) return here;
        const sealed = await client.getBuffer(name);
        return sealed === null ? here : seal.open(sealed, name)?.toString('utf8');
      });
      return found ?? here;
    },
  };
}
