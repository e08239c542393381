import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { page, renderPage } from './document.ts';

test('the page of differences says what the tests hold', () => {
  const text = readFileSync(page, 'utf8');
  assert.equal(
    text,
    renderPage(text),
    'write it anew: node --import tsx test/reference/document.ts',
  );
});
