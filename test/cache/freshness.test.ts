import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepingOf } from '../../src/cache/freshness.ts';
import type { CachePlan } from '../../src/plan/plan.ts';

const HOUR = 3_600_000;
const USUAL = 60_000;

/** Milliseconds that an answer with these headers is fresh; undefined when it is not kept. */
function fresh(
  headers: Readonly<Record<string, string>>,
  { plan = {}, usual, status = 200 }: { plan?: CachePlan; usual?: number; status?: number } = {},
): number | undefined {
  const flat = Object.entries(headers).flat();
  return keepingOf({ status, headers: flat, body: Buffer.alloc(0) }, plan, usual)?.fresh;
}

test('headers say how long an answer is kept, and age counts', () => {
  assert.equal(fresh({ 'cache-control': 'max-age=60' }), 60_000);
  assert.equal(fresh({ 'cache-control': 'Public, Max-Age=60' }), 60_000);
  assert.equal(fresh({ 'cache-control': 'max-age=60', age: '20' }), 40_000);
  assert.equal(fresh({ 'cache-control': 'max-age=60, s-maxage=10' }), 10_000);
  assert.equal(fresh({ 'cache-control': 'max-age=60, must-revalidate' }), 60_000);
  assert.equal(fresh({ 'cache-control': 'max-age=999999999' }), 24 * HOUR, 'a day is the most');
  const date = 'Tue, 01 Jul 2025 10:00:00 GMT';
  const expires = 'Tue, 01 Jul 2025 10:02:00 GMT';
  assert.equal(fresh({ date, expires }), 120_000);
  assert.equal(fresh({ expires: '0' }), undefined);
});

test('what is not for everybody, or not to be kept, is not kept', () => {
  for (const directive of ['no-store', 'private', 'private, max-age=60', 'NO-STORE', 'no-cache'])
    assert.equal(fresh({ 'cache-control': directive }, { usual: USUAL }), undefined, directive);
  assert.equal(fresh({ 'cache-control': 'max-age=60', vary: '*' }), undefined);
  assert.equal(fresh({ 'cache-control': 'max-age=60', vary: 'accept, *' }), undefined);
  assert.equal(fresh({ 'cache-control': 'max-age=60', vary: 'accept' }), 60_000);
  assert.equal(fresh({ 'cache-control': 'max-age=60', 'set-cookie': 'a=1' }), undefined);
  assert.equal(fresh({ 'cache-control': 'max-age=60' }, { status: 206 }), undefined);
  assert.equal(fresh({ pragma: 'no-cache' }, { usual: USUAL }), undefined);
});

test('what has a validator is kept to be asked about, even with no time of its own', () => {
  assert.equal(fresh({ etag: '"1"' }), 0);
  assert.equal(fresh({ 'cache-control': 'no-cache', etag: '"1"' }), 0);
  assert.equal(fresh({ 'cache-control': 'no-store', etag: '"1"' }), undefined);
  const modified = { 'last-modified': 'Tue, 01 Jul 2025 10:00:00 GMT' };
  assert.equal(fresh(modified), 0, 'its age is no promise');
  assert.equal(fresh({}), undefined);
});

test('where headers say nothing, what is declared worth it is kept for the usual time', () => {
  assert.equal(fresh({}, { usual: USUAL }), USUAL);
  assert.equal(fresh({}, { usual: USUAL, status: 404 }), undefined);
  assert.equal(fresh({ 'cache-control': 'max-age=5' }, { usual: USUAL }), 5_000);
});

test('a time in the file wins over all that headers say, for what succeeded', () => {
  const plan = { forMs: 30_000 };
  assert.equal(fresh({ 'cache-control': 'no-store' }, { plan, usual: USUAL }), 30_000);
  assert.equal(fresh({}, { plan, status: 500 }), undefined);
  assert.equal(fresh({}, { plan, status: 206 }), undefined);
  assert.equal(fresh({ 'set-cookie': 'a=1' }, { plan }), 30_000, 'cookies go to nobody');
  assert.equal(fresh({ 'set-cookie': 'a=1' }, { plan: { ...plan, setsCookies: true } }), undefined);
});
