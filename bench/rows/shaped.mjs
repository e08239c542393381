// REST: answers that are mapped, rebuilt or made of two calls, beside a hand-written loop that gives
// the same answer; and what many routes cost.
import assert from 'node:assert/strict';
import { byHand, gateway } from '../contestants.mjs';
import { withRoutes } from '../generated.mjs';
import { DOCUMENTS, toArray, toObject } from '../payload.mjs';

const usual = DOCUMENTS['2kb'];
const at = (contestant, name, path) => ({
  ...contestant,
  name,
  request: ({ origin }) => ({ url: origin + path, method: 'GET' }),
});
const same = (expected) => (json) => assert.deepEqual(json, expected);

export const shapedRows = [
  {
    name: 'rest-object',
    title: 'REST, 2 KB to an object of four fields',
    pace: 'short',
    quick: true,
    check: same(toObject(usual)),
    contestants: [at(gateway(), 'gateway', '/object/42'), at(byHand, byHand.name, '/object/42')],
  },
  {
    name: 'rest-array',
    title: 'REST, 2 KB to an array of objects',
    pace: 'short',
    check: same(toArray(usual)),
    contestants: [
      at(gateway(), 'gateway', '/array/42'),
      at(byHand, byHand.name, '/array/42'),
      at(byHand, 'bare, jsonpath-plus', '/jsonpath-plus/42'),
    ],
  },
  ...['2kb', '50kb'].map((size) => ({
    name: `rest-rebuilt-${size}`,
    title: `REST, GET ${size.replace('kb', ' KB')} handed on or parsed and written`,
    pace: 'short',
    check: same(DOCUMENTS[size]),
    contestants: [
      at(gateway(), 'gateway', `/${size}/42`),
      at(gateway(), 'gateway, rebuilt', `/rebuilt-${size}/42`),
      at(byHand, 'bare, parse and stringify', `/rebuilt-${size}/42`),
    ],
  })),
  {
    name: 'rest-two-steps',
    title: 'REST, two calls, the second with what the first gave',
    pace: 'short',
    check: same({ name: usual.name, total: usual.total }),
    contestants: [
      at(gateway(), 'gateway', '/two-steps/42'),
      at(byHand, byHand.name, '/two-steps/42'),
    ],
  },
  {
    name: 'rest-routes',
    title: 'REST, GET 2 KB in a file of many routes',
    // After four seconds of warm-up the larger file was a fifth slower, after ten no more.
    pace: 'long',
    check: same(usual),
    contestants: [1_000, 5].map((count) =>
      at(
        gateway('', ({ folder }) => [withRoutes(folder, count)]),
        `gateway, ${count} routes`,
        `/route${count - 1}/42`,
      ),
    ),
  },
].map((row) => ({ connections: 64, ...row }));
