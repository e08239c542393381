import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { compileJsonPath, isWholePath, type Select } from '../expression/jsonpath.ts';
import type { AnswerPlan, Json, RawFormat } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';

/** Makes one value of the answer out of the upstream's. */
type Shape = (value: Json) => Json;

const STRUCTURED: ReadonlySet<string> = new Set(['object', 'array']);
/** Formats whose answers become a value today; a whole-payload mapping hands any format on. */
const MAPPED_FORMATS: ReadonlySet<RawFormat> = new Set(['json', 'text']);

/**
 * What an exposed operation answers. No output parameters, or one that maps the whole payload,
 * hands the upstream's bytes on; others shape a value, the first that is not null being the answer.
 */
export function compileOutput(
  compilation: Compilation,
  parameters: readonly OutputParameter[] | undefined,
  exposedPointer: string,
  format: RawFormat,
  stepName: string,
): AnswerPlan {
  if (parameters === undefined || parameters.length === 0) return { kind: 'identity' };
  if (parameters.length === 1 && isWhole(parameters[0] as OutputParameter))
    return { kind: 'identity' };
  const pointer = pointerOf(exposedPointer, 'outputParameters');
  if (!MAPPED_FORMATS.has(format)) {
    compilation.report(
      'NOT_SERVED_YET',
      pointer,
      `Shaping an answer of format ${format} is not served yet; map the whole payload with "$" to hand it on.`,
    );
    return { kind: 'identity' };
  }
  const shapes = parameters.map((parameter, index) =>
    compileParameter(compilation, parameter, pointerOf(pointer, index)),
  );
  return {
    kind: 'project',
    project: function projectAnswer(scope) {
      const value = scope.steps[stepName] ?? null;
      for (const shape of shapes) {
        const shaped = shape(value);
        if (shaped !== null) return shaped;
      }
      return null;
    },
  };
}

function isWhole(parameter: OutputParameter): boolean {
  if (
    parameter.const !== undefined ||
    parameter.value !== undefined ||
    parameter.maxLength !== undefined
  )
    return false;
  const { mapping, items, properties, values } = parameter;
  if (typeof mapping !== 'string' || !isWholePath(mapping.trim())) return false;
  return (
    items === undefined &&
    properties === undefined &&
    values === undefined &&
    (parameter.type === undefined || STRUCTURED.has(parameter.type))
  );
}

function compileParameter(
  compilation: Compilation,
  parameter: OutputParameter,
  pointer: string,
): Shape {
  if (parameter.const !== undefined) return () => parameter.const as Json;
  if (parameter.value !== undefined) {
    compilation.report(
      'NOT_SERVED_YET',
      pointerOf(pointer, 'value'),
      'A fixed or mocked value in an exposed output is not served yet.',
    );
    return () => null;
  }
  if (parameter.values !== undefined) {
    compilation.report(
      'NOT_SERVED_YET',
      pointerOf(pointer, 'values'),
      '"values" in an output is not served yet.',
    );
    return () => null;
  }
  const { mapping } = parameter;
  const select = selectOf(compilation, mapping, pointer);
  if (parameter.type === 'object') return compileObject(compilation, parameter, pointer, select);
  if (parameter.type === 'array') return compileArray(compilation, parameter, pointer, select);
  return (value) => cut(select(value) ?? null, parameter.maxLength);
}

const cut = (value: Json, maxLength: number | undefined): Json =>
  maxLength !== undefined && typeof value === 'string' ? value.slice(0, maxLength) : value;

const WHOLE: Select = (value) => value;

function selectOf(compilation: Compilation, mapping: unknown, pointer: string): Select {
  if (typeof mapping !== 'string') return WHOLE;
  const compiled = compileJsonPath(mapping);
  if ('select' in compiled) return compiled.select;
  compilation.report(
    'JSONPATH_INVALID',
    pointerOf(pointer, 'mapping'),
    `The path ${compiled.why}.`,
  );
  return WHOLE;
}

/** Properties may stand beside `mapping` or, as the written language has it, inside it. */
function propertiesOf(
  parameter: OutputParameter,
): Readonly<Record<string, OutputParameter>> | undefined {
  const nested = (parameter.mapping as { properties?: unknown } | undefined)?.properties;
  return (parameter.properties ?? nested) as Readonly<Record<string, OutputParameter>> | undefined;
}

function compileObject(
  compilation: Compilation,
  parameter: OutputParameter,
  pointer: string,
  select: Select,
): Shape {
  const properties = propertiesOf(parameter);
  if (properties === undefined) return (value) => select(value) ?? null;
  const members = Object.entries(properties).map(
    ([name, property]) =>
      [
        name,
        compileParameter(compilation, property, pointerOf(pointer, 'properties', name)),
      ] as const,
  );
  return function shapeObject(value) {
    const from = select(value);
    if (from === undefined || from === null) return null;
    return Object.fromEntries(members.map(([name, shape]) => [name, shape(from)]));
  };
}

function compileArray(
  compilation: Compilation,
  parameter: OutputParameter,
  pointer: string,
  select: Select,
): Shape {
  const items = Array.isArray(parameter.items) ? parameter.items[0] : parameter.items;
  const shape =
    items === undefined
      ? undefined
      : compileParameter(compilation, items as OutputParameter, pointerOf(pointer, 'items'));
  return function shapeArray(value) {
    const list = select(value);
    if (!Array.isArray(list)) return null;
    return shape === undefined ? list : list.map(shape);
  };
}
