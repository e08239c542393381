import { createRequire } from 'node:module';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createExplainer, type Explain, type Explanation } from './explain.ts';
import type { Finding } from './finding.ts';
import { FINDINGS, findingAt } from './finding.ts';
import type { Source } from './source.ts';
import { explainPublished } from './strict.ts';

/** Findings shown of one file; a file with more has one cause for most of them. */
const FINDING_LIMIT = 200;

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
  return shown([...accepting, ...published], source);
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

function shown(explanations: readonly Explanation[], source: Source): Finding[] {
  const isError = ({ code, severity }: Explanation): boolean =>
    (severity ?? FINDINGS[code].severity) === 'error';
  const distinct = new Map(explanations.map((each) => [`${each.pointer} ${each.message}`, each]));
  const ranked = [...distinct.values()].sort((a, b) => Number(isError(b)) - Number(isError(a)));
  const findings = ranked
    .slice(0, FINDING_LIMIT)
    .map(({ code, pointer, message, subject: _, ...details }) =>
      findingAt(source, code, pointer, message, details),
    );
  const next = ranked[FINDING_LIMIT];
  if (next === undefined) return findings;
  const rest = ranked.length - FINDING_LIMIT;
  const message = `${rest} more findings of this file are not shown; this is the first of them. ${next.message}`;
  const { severity } = next;
  return [
    ...findings,
    findingAt(source, next.code, next.pointer, message, severity === undefined ? {} : { severity }),
  ];
}
