import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFlights } from '../../src/cache/flights.ts';

test('many who ask for one thing make one run, and all have what came of it', async () => {
  const flights = createFlights<number>();
  let runs = 0;
  const start = async (): Promise<number> => {
    runs += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return runs;
  };
  const all = await Promise.all(
    Array.from({ length: 50 }, () => flights.join('a', undefined, start)),
  );
  assert.equal(runs, 1);
  assert.deepEqual(
    all.map(({ result }) => result),
    Array(50).fill(1),
  );
  assert.equal(all.filter(({ led }) => led).length, 1);
  assert.equal((await flights.join('a', undefined, start)).result, 2, 'one that landed is over');
});

test('who leaves does not end the run for others; it ends with the last of them', async () => {
  const flights = createFlights<string>();
  const land: ((value: string) => void)[] = [];
  const signals: AbortSignal[] = [];
  const start = (signal: AbortSignal): Promise<string> => {
    signals.push(signal);
    return new Promise((resolve) => land.push(resolve));
  };
  const [first, second, third] = [1, 2, 3].map(() => new AbortController());
  const one = flights.join('a', first?.signal, start);
  const other = flights.join('a', second?.signal, start);
  first?.abort();
  await assert.rejects(one, { code: 'CANCELLED' });
  assert.equal(signals[0]?.aborted, false);
  land[0]?.('here');
  assert.deepEqual(await other, { result: 'here', led: false });

  const alone = flights.join('b', third?.signal, start);
  third?.abort();
  await assert.rejects(alone, { code: 'CANCELLED' });
  assert.equal(signals[1]?.aborted, true);
  void flights.join('b', undefined, start);
  assert.equal(signals.length, 3, 'who comes later starts anew');
  const gone = AbortSignal.abort();
  await assert.rejects(flights.join('c', gone, start), { code: 'CANCELLED' });
});

test('a failure is that of all who waited, and of nobody after them', async () => {
  const flights = createFlights<string>();
  const fail = async (): Promise<string> => {
    throw new Error('down');
  };
  const both = [1, 2].map(() => flights.join('a', undefined, fail));
  for (const each of both) await assert.rejects(each, /down/);
  const { result } = await flights.join('a', undefined, async () => 'up');
  assert.equal(result, 'up');
});
