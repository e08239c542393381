import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { compileAccepting } from './accepting.ts';
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
  const accepting = acceptingSchema();
  const errors = accepting.validate(value) ? [] : (accepting.validate.errors ?? []);
  const strict = options.strict === true;
  const accepted = errors
    .filter(({ keyword }) => keyword !== 'if')
    .map((error) => judged(accepting.explain(error, { lenient: !strict }), strict));
  const published = strict ? explainPublished(value, accepted) : [];
  const distinct = new Map(
    [...accepted, ...published].map((each) => [`${each.pointer} ${each.message}`, each]),
  );
  return [...distinct.values()].map(({ code, pointer, message, subject: _, ...details }) =>
    findingAt(source, code, pointer, message, details),
  );
}

interface Accepting {
  readonly validate: ValidateFunction;
  readonly explain: Explain;
}

let known: Accepting | undefined;

/** Made when first asked for, once in the process; most files leave nothing to explain. */
function acceptingSchema(): Accepting {
  if (known !== undefined) return known;
  const schema = createRequire(import.meta.url)('#schemas/capability.schema.json') as object;
  let explain: Explain | undefined;
  known = {
    validate: compileAccepting(schema),
    explain(error, options) {
      explain ??= createExplainer(schema);
      return explain(error, options);
    },
  };
  return known;
}

function judged(explanation: Explanation, strict: boolean): Explanation {
  return strict && explanation.code === 'KEY_UNKNOWN'
    ? { ...explanation, severity: 'error' }
    : explanation;
}
