import type { ErrorObject } from 'ajv';
import type { Violation } from '../errors.ts';
import { isRecord } from '../json.ts';
import { follow, type Node } from './openapi-document.ts';
import type { DocumentOperation } from './openapi-paths.ts';

const MOST_VIOLATIONS = 10;

export type BodyCheck = (value: unknown) => readonly Violation[];

/** The schema of an operation's JSON body, from OpenAPI 3 or Swagger 2.0 words. */
export function bodySchemaOf(document: Node, { item, operation }: DocumentOperation): unknown {
  const request = follow(document, operation.requestBody);
  if (request !== undefined) {
    const content = isRecord(request.content) ? request.content : {};
    const type = Object.keys(content).find((name) => /\bjson\b/i.test(name));
    return type === undefined ? undefined : follow(document, content[type])?.schema;
  }
  return [operation.parameters, item.parameters]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((parameter) => follow(document, parameter))
    .find((parameter) => parameter?.in === 'body')?.schema;
}

/** Loads the validator over the whole document, so that references into it work. */
export async function createBodyChecks(
  document: Node,
): Promise<(schema: unknown) => BodyCheck | undefined> {
  const [{ Ajv2020 }, { default: formats }] = await Promise.all([
    import('ajv/dist/2020.js'),
    import('ajv-formats'),
  ]);
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    allErrors: true,
    verbose: true,
    logger: false,
  });
  formats.default(ajv);
  const parts = Object.fromEntries(
    Object.entries(document).filter(([key]) => REFERRED_TO.test(key)),
  );
  return (schema) => {
    if (!isRecord(schema)) return undefined;
    try {
      const validate = ajv.compile({ ...parts, allOf: [schema] });
      return (value) => {
        if (validate(value)) return [];
        const errors = (validate.errors ?? []).filter((error) => !isReadOnly(document, error));
        return errors.slice(0, MOST_VIOLATIONS).map(violationOf);
      };
    } catch {
      return undefined;
    }
  };
}

/** The parts of a document that references point into. */
const REFERRED_TO = /^(paths|components|definitions|parameters|responses|x-.*)$/;

/** A required field that only answers have is not asked of a request. */
function isReadOnly(document: Node, { keyword, params, parentSchema }: ErrorObject): boolean {
  if (keyword !== 'required' || !isRecord(parentSchema?.properties)) return false;
  const property = parentSchema.properties[String(params.missingProperty)];
  return follow(document, property)?.readOnly === true;
}

function violationOf({ instancePath, keyword, message, params }: ErrorObject): Violation {
  const at = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const input = at === '' ? 'body' : at;
  const extra =
    keyword === 'enum' && Array.isArray(params.allowedValues)
      ? `: ${params.allowedValues.slice(0, 10).join(', ')}`
      : '';
  return { input, in: 'body', message: `${message ?? 'is not valid'}${extra}` };
}
