import { isRecord } from '../json.ts';
import type { Json, JsonSchema, ToolDefinition } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';

const SIZE_NEAR = 12 * 1024;
const SIZE_LIMIT = 16 * 1024;
/** What model APIs take as the key of an input. */
const SAFE_KEY = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Each cause is told this often for one tool. */
const TOLD = 3;

/** Reports what clients refuse or misread in the input schema of a tool, as it is served. */
export function lintSchema(
  compilation: Compilation,
  { name, inputSchema }: ToolDefinition,
  pointer: string,
): void {
  const size = Buffer.byteLength(JSON.stringify(inputSchema));
  if (size > SIZE_NEAR) {
    const isOver = size > SIZE_LIMIT;
    compilation.report(
      'TOOL_SCHEMA_LARGE',
      pointer,
      `The input schema of the tool "${name}" has ${size} bytes; ${
        isOver ? 'a client drops tools' : 'it comes near the limit of a client, which drops tools'
      } with more than ${SIZE_LIMIT} without a word. Leave out inputs that no agent needs, and shorten their descriptions.`,
      { severity: isOver ? 'warning' : 'info' },
    );
  }
  const faults = [...unionsOf(inputSchema), ...faultsBelow(inputSchema, '')];
  for (const fault of faults.slice(0, TOLD)) {
    compilation.report(
      'TOOL_SCHEMA_UNFIT',
      pointer,
      `The input schema of the tool "${name}" ${fault}.`,
    );
  }
}

function unionsOf(schema: JsonSchema): string[] {
  return ['oneOf', 'anyOf', 'allOf']
    .filter((key) => schema[key] !== undefined)
    .map(
      (key) =>
        `has "${key}" at its root, for which model APIs refuse the whole session. Write plain properties there, and move the choice into one of them`,
    );
}

/** By what a client reaches: `filter.tags[]` for the items of the list `tags` of `filter`. */
function faultsBelow(schema: JsonSchema, path: string): string[] {
  const faults: string[] = [];
  const where = path === '' ? 'at its root' : `at "${path}"`;
  if (typeof schema.$ref === 'string') {
    faults.push(
      `has a "$ref" ${where} that is not written out (${schema.$ref}), and clients resolve it wrongly or not at all. Write the shape where it is used`,
    );
  }
  const { type, items } = schema;
  const isArray = type === 'array' || (Array.isArray(type) && type.includes('array'));
  if (isArray && items === undefined) {
    faults.push(
      `has a list ${where} without "items", which ends the conversation in some clients. Say what its items are, or {} for anything`,
    );
  }
  for (const [key, property] of Object.entries(schemaMap(schema.properties))) {
    const below = path === '' ? key : `${path}.${key}`;
    if (!SAFE_KEY.test(key)) {
      faults.push(
        `has the key ${JSON.stringify(below)}, and model APIs take letters, digits, "_", "." and "-" in keys, 64 at most. Give it another name`,
      );
    }
    faults.push(...faultsBelow(property, below));
  }
  if (isRecord(items)) faults.push(...faultsBelow(items, `${path}[]`));
  for (const key of ['oneOf', 'anyOf', 'allOf', 'prefixItems']) {
    const choices = schema[key];
    if (!Array.isArray(choices)) continue;
    for (const choice of choices as readonly Json[]) {
      if (isRecord(choice)) faults.push(...faultsBelow(choice, path));
    }
  }
  return faults;
}

function schemaMap(value: unknown): Readonly<Record<string, JsonSchema>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, JsonSchema] => isRecord(entry[1])),
  );
}
