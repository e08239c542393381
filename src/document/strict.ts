import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { createAjvWithFormats } from './ajv.ts';
import { dispatchBranches } from './dispatch.ts';
import { createExplainer, type Explain, type Explanation } from './explain.ts';

interface Published {
  /** The schema as published: what it says is the truth. */
  readonly judge: ValidateFunction;
  /** The same, rearranged so that only the alternative that was meant speaks. */
  readonly locate: ValidateFunction;
  readonly explain: Explain;
}

/**
 * What the published schema refuses, each at its place, leaving out what `known` already says. The
 * published schema consists of alternatives, whose errors name every alternative that was not meant.
 */
export function explainPublished(value: unknown, known: readonly Explanation[]): Explanation[] {
  const { judge, locate, explain } = publishedSchema();
  if (judge(value)) return [];
  const errors = locate(value) ? (judge.errors ?? []) : (locate.errors ?? []);
  const told = new Set(known.map(({ subject }) => subject));
  return withoutAlternatives(errors)
    .map((error) => explain(error, { lenient: false }))
    .filter(({ subject }) => !told.has(subject))
    .map((explanation) => ({
      ...explanation,
      code: 'SCHEMA_STRICT',
      message: `The published schema refuses this: ${explanation.message}`,
    }));
}

let published: Published | undefined;

function publishedSchema(): Published {
  if (published !== undefined) return published;
  const schema = createRequire(import.meta.url)('#schemas/naftiko-1.0.0-alpha2.schema.json');
  const titled = withTitles(schema as Schema);
  const dispatched = dispatchBranches(titled) as object;
  published = {
    judge: validator(schema as object),
    locate: validator(dispatched),
    explain: createExplainer(dispatched),
  };
  return published;
}

function validator(schema: object): ValidateFunction {
  const options = { allErrors: true, verbose: true, strict: false };
  return createAjvWithFormats(options).compile(schema);
}

/** An alternative that failed as a whole, rather than each of its parts. */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  const alternatives = new Set(
    errors
      .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
      .map(({ instancePath }) => instancePath),
  );
  return errors.filter(({ keyword, instancePath }) => {
    if (keyword === 'if') return false;
    return keyword === 'anyOf' || keyword === 'oneOf' || !alternatives.has(instancePath);
  });
}

interface Schema {
  readonly $defs: Readonly<Record<string, object>>;
}

/** The published schema has no titles; its definitions have telling names. */
function withTitles(schema: Schema): Schema {
  const $defs = Object.fromEntries(
    Object.entries(schema.$defs).map(([name, definition]) => [
      name,
      { title: wordsOf(name), ...definition },
    ]),
  );
  return { title: 'capability file', ...schema, $defs } as Schema;
}

const wordsOf = (name: string): string =>
  name
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .replace(/^exposes (.*)/, '$1 expose')
    .replace(/\b(?:mcp|http|rest)\b/g, (word) => word.toUpperCase());
