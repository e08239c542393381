import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadCapabilities } from '../../src/gateway/load.ts';
import { bounded } from '../support/http.ts';
import { aggregateStories } from './fixtures/aggregates.ts';
import { formatStories } from './fixtures/formats.ts';
import { httpStories } from './fixtures/http.ts';
import { mcpStories } from './fixtures/mcp.ts';
import { openapiStories } from './fixtures/openapi.ts';
import { operatorStories } from './fixtures/operators.ts';
import { folder, type Story, skip } from './fixtures/serving.ts';
import { FIXTURES, type Fixture, type ServedFixture, type Verdict } from './fixtures/table.ts';

/** The compiler holds that nothing which is served is without its story. */
const stories: Readonly<Record<ServedFixture, Story>> = {
  ...aggregateStories,
  ...formatStories,
  ...httpStories,
  ...mcpStories,
  ...openapiStories,
  ...operatorStories,
};

describe('the files the reference tests itself with', { skip }, () => {
  test('each is in the table', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
    assert.deepEqual(files.sort(), Object.keys(FIXTURES).sort());
  });

  for (const [file, verdict] of Object.entries(FIXTURES) as [Fixture, Verdict][]) {
    test(`${file} ${'loads' in verdict ? 'loads' : `is refused: ${verdict.refused}`}`, async () => {
      const { findings, refused } = await loadCapabilities({
        environment: {},
        files: [join(folder, file)],
      });
      const codes = (severity: string): string[] => [
        ...new Set(findings.filter((each) => each.severity === severity).map(({ code }) => code)),
      ];
      assert.deepEqual(codes('error'), 'loads' in verdict ? [] : [verdict.refused]);
      assert.equal(refused.length, 'loads' in verdict ? 0 : 1);
      if ('loads' in verdict) assert.deepEqual(codes('warning').sort(), [...verdict.warns]);
      else assert.ok(findings.every(({ line, message }) => line > 0 && message.length > 40));
    });
  }

  for (const [file, story] of Object.entries(stories)) {
    test(`${file} does what it says`, bounded, story);
  }
});
