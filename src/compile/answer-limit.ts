import type { ExposedTool, ExposesMcp } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { isRecord } from '../json.ts';
import type { AnswerLimit } from '../plan/answer-limit.ts';
import type { Json, JsonSchema, ToolDefinition, ToolPlan } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';

/** The argument by which callers choose what they see of an answer. */
const FIELDS = '_fields';

/** A tool with the limit of its answers, and with the argument by which callers choose fields of them. */
export function withAnswerOptions(
  compilation: Compilation,
  expose: ExposesMcp,
  tool: ExposedTool,
  pointer: string,
  plan: ToolPlan,
): ToolPlan {
  if (tool.maxAnswer !== undefined) {
    checkLimit(compilation, tool.maxAnswer, pointerOf(pointer, 'maxAnswer'));
  }
  const maxAnswer = { ...expose.maxAnswer, ...tool.maxAnswer };
  const limited = Object.keys(maxAnswer).length === 0 ? plan : { ...plan, maxAnswer };
  if (tool.fields !== true) return limited;
  const { definition, operation } = limited;
  const taken = operation.inputs.some(({ key, name }) => key === FIELDS || name === FIELDS);
  if (taken || Object.hasOwn((definition.inputSchema.properties ?? {}) as object, FIELDS)) {
    compilation.report(
      'FIELDS_TAKEN',
      pointerOf(pointer, 'fields'),
      `The tool has an input ${FIELDS} of its own, so callers could not choose fields by it. Rename the input, or take "fields" away.`,
    );
    return limited;
  }
  return { ...limited, definition: withFields(definition), fields: FIELDS };
}

/** Less than this leaves no room for an answer beside the note that it is not whole. */
const LEAST: Required<AnswerLimit> = { characters: 256, tokens: 200 };

/** Reports what a limit cannot be. */
export function checkLimit(compilation: Compilation, limit: AnswerLimit, pointer: string): void {
  for (const unit of ['characters', 'tokens'] as const) {
    const value = limit[unit];
    if (value === undefined || value === 0 || value >= LEAST[unit]) continue;
    compilation.report(
      'ANSWER_LIMIT_INVALID',
      pointerOf(pointer, unit),
      `${value} ${unit} hold no answer beside the note that it is shortened. ${LEAST[unit]} is the least; 0 is no limit.`,
    );
  }
  const { characters, tokens } = limit;
  if (!characters || !tokens || tokens < characters) return;
  compilation.report(
    'ANSWER_LIMIT_INVALID',
    pointerOf(pointer, 'tokens'),
    `A token is about four characters, so ${characters} characters are reached long before ${tokens} tokens. Lower the one, or leave it away.`,
    { severity: 'warning' },
  );
}

const FIELDS_SCHEMA: JsonSchema = {
  type: 'array',
  items: { type: 'string' },
  description:
    'What to show of the answer, to keep it small: paths from its top, with dots between names and [] after lists, as ["items[].name", "total"]. All of it when left out.',
};

function withFields(definition: ToolDefinition): ToolDefinition {
  const { inputSchema, outputSchema } = definition;
  return {
    ...definition,
    inputSchema: {
      ...inputSchema,
      properties: {
        ...(inputSchema.properties as JsonSchema | undefined),
        [FIELDS]: FIELDS_SCHEMA,
      },
    },
    ...(outputSchema === undefined ? {} : { outputSchema: withoutRequired(outputSchema) }),
  };
}

const REQUIRING = new Set(['required', 'minProperties', 'dependentRequired']);
const SCHEMAS_BY_NAME = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
const SCHEMAS = new Set([
  'items',
  'additionalProperties',
  'anyOf',
  'oneOf',
  'allOf',
  'prefixItems',
]);

/** The schema for parts of what it describes: nothing in it has to be there. */
function withoutRequired(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, Json][] => {
    if (REQUIRING.has(keyword)) return [];
    if (SCHEMAS_BY_NAME.has(keyword) && isRecord(value)) {
      return [
        [keyword, Object.fromEntries(Object.entries(value).map(([k, v]) => [k, relaxed(v)]))],
      ];
    }
    // Parts may fit several alternatives at once.
    return [
      [keyword === 'oneOf' ? 'anyOf' : keyword, SCHEMAS.has(keyword) ? relaxed(value) : value],
    ];
  });
  return Object.fromEntries(entries);
}

function relaxed(value: Json): Json {
  if (Array.isArray(value)) return value.map(relaxed);
  return isRecord(value) ? withoutRequired(value) : value;
}
