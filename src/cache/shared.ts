import type { SharedRedis } from '../redis/redis.ts';
import type { Entry } from './entry.ts';
import { placesAbove } from './key.ts';
import { type AnswerStore, bytesOf, counterOf } from './memory.ts';

/** Larger answers would be longer on their way than many an API takes. */
const LARGEST_BYTES = 1024 * 1024;
const MARKS = 'naftiko:cache:marks';
/** Written where Redis was away when it was asked: it goes with nothing. */
const UNKNOWN = -1;

/** Answers that several gateways share, sealed. While Redis is away nothing is kept or found. */
export function createSharedStore(redis: SharedRedis, now: () => number = Date.now): AnswerStore {
  const { seal } = redis;
  const at = (name: string): string => `naftiko:cache:${name}`;
  return {
    async read(key, place) {
      const name = seal.name(key);
      const found = await redis.run((client) =>
        client
          .pipeline()
          .hget(MARKS, String(counterOf(place)))
          .getBuffer(at(name))
          .exec(),
      );
      if (found == null) return { entry: undefined, mark: UNKNOWN };
      const [[, written], [, sealed]] = found as [
        [unknown, string | null],
        [unknown, Buffer | null],
      ];
      const mark = Number(written ?? 0);
      const opened = sealed == null ? undefined : seal.open(sealed, name);
      const kept = opened === undefined ? undefined : decoded(opened);
      const isGood = kept !== undefined && kept.mark === mark && now() < kept.entry.until;
      return { entry: isGood ? kept.entry : undefined, mark };
    },
    async write(key, _place, entry, mark) {
      const left = Math.floor(entry.until - now());
      if (mark === UNKNOWN || left < 1 || bytesOf(entry) > LARGEST_BYTES) return;
      const name = seal.name(key);
      const sealed = seal.close(encoded(entry, mark), name);
      await redis.run((client) => client.set(at(name), sealed, 'PX', left));
    },
    async change(place) {
      await redis.run((client) => {
        const all = client.pipeline();
        for (const each of placesAbove(place)) all.hincrby(MARKS, String(counterOf(each)), 1);
        return all.exec();
      });
    },
  };
}

/** The length of what is known of it, that as JSON, and its body. */
function encoded({ body, ...facts }: Entry, mark: number): Buffer {
  const json = Buffer.from(JSON.stringify({ ...facts, mark }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

function decoded(bytes: Buffer): { readonly entry: Entry; readonly mark: number } {
  const end = 4 + bytes.readUInt32BE(0);
  const { mark, ...facts } = JSON.parse(bytes.toString('utf8', 4, end)) as Omit<Entry, 'body'> & {
    readonly mark: number;
  };
  return { entry: { ...facts, body: bytes.subarray(end) }, mark };
}
