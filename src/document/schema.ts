import { createRequire } from 'node:module';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createExplainer, type Explain, type Explanation } from './explain.ts';
import type { Finding } from './finding.ts';
import { findingAt } from './finding.ts';
import type { Source } from './source.ts';
import { explainPublished } from './strict.ts';

/** Judges a parsed document by the accepting schema, and with `strict` by the published one, too. */
export function checkDocument(
  value: unknown,
  source: Source,
  options: { readonly strict?: boolean } = {},
): Finding[] {
  const { validate, explain } = acceptingSchema();
  const errors = validate(value) ? [] : (validate.errors ?? []);
  const strict = options.strict === true;
  const accepting = errors
    .filter(({ keyword }) => keyword !== 'if')
    .map((error) => judged(explain(error, { lenient: !strict }), strict));
  const published = strict ? explainPublished(value, accepting) : [];
  const distinct = new Map(
    [...accepting, ...published].map((each) => [`${each.pointer} ${each.message}`, each]),
  );
  return [...distinct.values()].map(({ code, pointer, message, subject: _, ...details }) =>
    findingAt(source, code, pointer, message, details),
  );
}

interface Accepting {
  readonly validate: ValidateFunction;
  readonly explain: Explain;
}

let accepting: Accepting | undefined;

/** Compiled when first asked for, once in the process: it takes longer than all else at load. */
function acceptingSchema(): Accepting {
  if (accepting !== undefined) return accepting;
  const schema = createRequire(import.meta.url)('#schemas/capability.schema.json') as object;
  // A test judges the schema itself, so start-up need not; the generated code runs once a file.
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    meta: false,
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  accepting = { validate: ajv.compile(schema), explain: createExplainer(schema) };
  return accepting;
}

function judged(explanation: Explanation, strict: boolean): Explanation {
  return strict && explanation.code === 'KEY_UNKNOWN'
    ? { ...explanation, severity: 'error' }
    : explanation;
}
