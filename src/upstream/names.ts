import { type LookupAddress, type LookupOptions, lookup as lookUp } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Gives all addresses of a name. */
export type Resolve = (
  name: string,
  options: { readonly all: true; readonly order?: LookupOptions['order'] },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface NamesOptions {
  readonly resolve?: Resolve;
  readonly now?: () => number;
}

/**
 * The system tells no time that an address holds. So long are those of the providers that move
 * theirs quickest; a name is asked for anew after it.
 */
const FRESH_MS = 5_000;
/** An address that was good is tried for so long while names cannot be resolved. */
const STALE_MS = 5 * 60_000;
const MOST_NAMES = 1_000;

interface Known {
  readonly addresses: readonly LookupAddress[];
  readonly since: number;
  /** How often it was given: each connection begins with the next address. */
  turn: number;
}

type Waiting = (error: NodeJS.ErrnoException | null, known?: Known) => void;

/**
 * Finds the addresses of names as the system does, its hosts file and search domains included, but
 * once for many connections. Where a name has several addresses connections are spread over them.
 */
export function createNames({
  resolve = lookUp,
  now = Date.now,
}: NamesOptions = {}): LookupFunction {
  const names = new Map<string, Known>();
  const asked = new Map<string, Waiting[]>();

  function find(name: string, done: Waiting): void {
    const known = names.get(name);
    if (known !== undefined && now() - known.since < FRESH_MS) {
      queueMicrotask(() => done(null, known));
      return;
    }
    const waiting = asked.get(name);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    const all = [done];
    asked.set(name, all);
    resolve(name, { all: true }, (error, addresses) => {
      asked.delete(name);
      const found = error === null ? keep(name, addresses) : fallback(name);
      for (const each of all) {
        if (found === undefined) each(error);
        else each(null, found);
      }
    });
  }

  function keep(name: string, addresses: readonly LookupAddress[]): Known {
    const known = { addresses, since: now(), turn: names.get(name)?.turn ?? 0 };
    // Put anew, so that the first of all is the one that was asked for longest ago.
    names.delete(name);
    names.set(name, known);
    const [oldest] = names.keys();
    if (names.size > MOST_NAMES && oldest !== undefined) names.delete(oldest);
    return known;
  }

  function fallback(name: string): Known | undefined {
    const known = names.get(name);
    return known !== undefined && now() - known.since < STALE_MS ? known : undefined;
  }

  return function lookup(name, options, callback) {
    find(name, (error, known) => {
      if (known === undefined) {
        callback(error, options.all === true ? [] : '');
        return;
      }
      const addresses = inTurn(known).filter(({ family }) => isWanted(family, options.family));
      if (options.all === true) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
}

const isWanted = (family: number, wanted: LookupOptions['family']): boolean =>
  wanted === undefined || wanted === 0 || wanted === family || wanted === `IPv${family}`;

/** The order of families is the system's; within each, another address is first every time. */
function inTurn(known: Known): LookupAddress[] {
  const { addresses } = known;
  if (addresses.length < 2) return [...addresses];
  const turn = known.turn;
  known.turn = (turn + 1) % 0x7fffffff;
  const families = [...new Set(addresses.map(({ family }) => family))];
  return families.flatMap((family) => {
    const own = addresses.filter((each) => each.family === family);
    const start = turn % own.length;
    return [...own.slice(start), ...own.slice(0, start)];
  });
}
