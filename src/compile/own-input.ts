import type { ExposedParameter, ExposedTool } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { isRecord } from '../json.ts';
import type { InputPlan, Json, JsonSchema } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import type { ExposedSide } from './exposed-side.ts';
import { compileOwnSchema, type OwnSchema } from './own-schema.ts';
import { sameValueSchemas, targetOf } from './schema-refs.ts';

/** The author's own schema of a tool's arguments, and what follows from it for the inputs. */
export interface OwnInput extends OwnSchema {
  readonly declared: ExposedSide['declared'];
  readonly pointer: string;
}

/** undefined when a tool has none; `failed` when it cannot be served, which is reported. */
export function compileOwnInput(
  compilation: Compilation,
  { inputSchema, inputParameters }: ExposedTool,
  toolPointer: string,
): OwnInput | 'failed' | undefined {
  if (inputSchema === undefined) return undefined;
  const pointer = pointerOf(toolPointer, 'inputSchema');
  if (inputParameters !== undefined) {
    compilation.report(
      'SCHEMA_INVALID',
      pointerOf(toolPointer, 'inputParameters'),
      'The tool has both inputParameters and inputSchema, and either says all of the inputs. Leave one of them out.',
      { at: 'key' },
    );
    return 'failed';
  }
  const own = compileOwnSchema(compilation, inputSchema, pointer);
  return own === undefined
    ? 'failed'
    : { ...own, pointer, declared: declaredBy(own.schema, pointer) };
}

/** The properties as inputs of their names; their values are judged by the schema alone. */
function declaredBy(root: JsonSchema, pointer: string): ExposedSide['declared'] {
  const required = Array.isArray(root.required) ? (root.required as readonly Json[]) : [];
  const found = new Map<string, ExposedSide['declared'][number]>();
  for (const { schema, pointer: at } of sameValueSchemas(root)) {
    if (!isRecord(schema.properties)) continue;
    for (const [name, property] of Object.entries(schema.properties)) {
      if (found.has(name)) continue;
      const parameter: ExposedParameter = {
        name,
        required: required.includes(name),
        ...shapeOf(root, property),
      };
      found.set(name, { parameter, pointer: pointer + pointerOf(at, 'properties', name) });
    }
  }
  return [...found.values()];
}

const SIMPLE: ReadonlySet<Json | undefined> = new Set(
  'string integer number boolean array object'.split(' '),
);

function shapeOf(root: JsonSchema, property: Json): Partial<ExposedParameter> {
  if (!isRecord(property)) return { type: 'any' };
  const { $ref, default: fallback, description } = property;
  const target = typeof $ref === 'string' ? targetOf(root, $ref) : undefined;
  const type = property.type ?? (isRecord(target) ? target.type : undefined);
  return {
    type: SIMPLE.has(type) ? (type as string) : 'any',
    ...(typeof description === 'string' ? { description } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

/** The inputs that the schema has, as it writes them. What else an operation needs is reported. */
export function ownInputs(
  compilation: Compilation,
  inputs: readonly InputPlan[],
  { declared, schema, pointer }: OwnInput,
): readonly InputPlan[] {
  const names = new Set(declared.map(({ parameter }) => parameter.name));
  for (const { name } of inputs.filter((input) => input.required && !names.has(input.name))) {
    compilation.report(
      'SCHEMA_INVALID',
      pointer,
      `What is called needs "${name}", and this schema has no property of that name. Add it, or give it a value under with.`,
      { at: 'key' },
    );
  }
  const properties = isRecord(schema.properties) ? schema.properties : {};
  return inputs
    .filter(({ name }) => names.has(name))
    .map((input) => {
      const property = Object.hasOwn(properties, input.name) ? properties[input.name] : undefined;
      return isRecord(property) ? { ...input, schema: property } : input;
    });
}
