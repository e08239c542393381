import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock, type Timed } from '../../src/upstream/clock.ts';
import { bounded, until } from '../support/http.ts';

test(
  'everything that is watched has its turn at each tick, whatever is released meanwhile',
  bounded,
  async () => {
    const clock = createClock(40);
    const turns = new Map<string, number>();
    const made = (name: string, onTurn = (): void => {}): Timed => ({
      place: -1,
      onTick() {
        turns.set(name, (turns.get(name) ?? 0) + 1);
        onTurn();
      },
    });
    const first = made('first');
    const last = made('last', () => clock.release(last));
    const middle = made('middle', () => {
      clock.release(middle);
      clock.release(middle);
    });
    for (const timed of [first, middle, last]) clock.watch(timed);
    await until(() => (turns.get('first') ?? 0) >= 3);
    assert.equal(turns.get('middle'), 1);
    assert.equal(turns.get('last'), 1);
    clock.release(first);
    const again = made('again');
    clock.watch(again);
    await until(() => (turns.get('again') ?? 0) >= 2);
    clock.release(again);
  },
);
