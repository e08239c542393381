/** What can be in a crowd. */
export interface Member {
  /** Where the crowd keeps it; -1 while it is in none. Nobody else's to change. */
  place: number;
}

/** Things that come and go all the time, in no order. */
export interface Crowd<Thing extends Member> {
  readonly size: number;
  add(thing: Thing): void;
  /** @param thing one that is not in it does no harm */
  remove(thing: Thing): void;
  /** Gives each its turn, whoever leaves meanwhile. */
  visit(turn: (thing: Thing) => void): void;
}

/** Not a Set: those that V8 has outgrown keep what follows them alive for long. */
export function createCrowd<Thing extends Member>(): Crowd<Thing> {
  const things: (Thing | undefined)[] = [];
  let count = 0;
  return {
    get size() {
      return count;
    },
    add(thing) {
      thing.place = count;
      things[count] = thing;
      count += 1;
    },
    remove(thing) {
      const { place } = thing;
      if (place === -1) return;
      thing.place = -1;
      count -= 1;
      const last = things[count] as Thing;
      things[count] = undefined;
      if (last === thing) return;
      last.place = place;
      things[place] = last;
    },
    visit(turn) {
      if (count === 0) things.length = 0;
      // Backwards: one that leaves is replaced by the last, which has had its turn.
      for (let place = count - 1; place >= 0; place -= 1) {
        const thing = things[place];
        if (thing !== undefined) turn(thing);
      }
    },
  };
}
