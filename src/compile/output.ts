import type { OutputParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { compileJsonPath, isWholePath, type Select } from '../expression/jsonpath.ts';
import type { AnswerPlan, Json, RawFormat } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import {
  holdsProperties,
  itemsOf,
  mappingOf,
  type Placed,
  type Properties,
  propertiesOf,
} from './output-parameter.ts';

/** Makes one value of the answer out of the upstream's. */
type Shape = (value: Json) => Json;

/** Formats whose answers become a value today; a whole-payload mapping hands any format on. */
const MAPPED_FORMATS: ReadonlySet<RawFormat> = new Set(['json', 'text']);

/**
 * What an exposed operation answers. No output parameters, or one that maps the whole payload,
 * hands the upstream's bytes on; others shape a value, the first that is not null being the answer.
 */
export function compileOutput(
  compilation: Compilation,
  parameters: readonly OutputParameter[],
  exposedPointer: string,
  format: RawFormat,
  stepName: string,
): AnswerPlan {
  const [only, ...others] = parameters;
  if (only === undefined || (others.length === 0 && isWhole(only))) return { kind: 'identity' };
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
  const { const: constant, maxLength, items, values, type } = parameter;
  const mapping = mappingOf(parameter);
  return (
    typeof mapping === 'string' &&
    isWholePath(mapping.trim()) &&
    [constant, maxLength, items, values, propertiesOf(parameter)].every(
      (member) => member === undefined,
    ) &&
    (type === undefined || type === 'object' || type === 'array' || type === 'any')
  );
}

/** @param member name in the object that this is part of; without a mapping it is taken by that name */
function compileParameter(
  compilation: Compilation,
  parameter: OutputParameter,
  pointer: string,
  member?: string,
): Shape {
  if (parameter.const !== undefined) return () => parameter.const as Json;
  if (!isServed(compilation, parameter, pointer)) return () => null;
  const properties = propertiesOf(parameter, pointer);
  const mapping = mappingOf(parameter);
  const byName = mapping === undefined && properties === undefined && member !== undefined;
  const select = byName ? selectMember(member) : selectOf(compilation, mapping, pointer);
  if (properties !== undefined) return compileObject(compilation, properties, select);
  const items = itemsOf(parameter, pointer);
  if (parameter.type === 'array' || items !== undefined)
    return compileArray(compilation, items, select);
  const { maxLength } = parameter;
  return (value) => cut(select(value) ?? null, maxLength);
}

function isServed(compilation: Compilation, parameter: OutputParameter, pointer: string): boolean {
  const { value, values } = parameter;
  if (values !== undefined) {
    compilation.report(
      'NOT_SERVED_YET',
      pointerOf(pointer, 'values'),
      '"values" in an output is not served yet.',
      { at: 'key' },
    );
    return false;
  }
  if (value === undefined || value === mappingOf(parameter)) return true;
  compilation.report(
    'NOT_SERVED_YET',
    pointerOf(pointer, 'value'),
    'A fixed or mocked value in an exposed output is not served yet.',
  );
  return false;
}

/** Cut between characters, never through one. */
function cut(value: Json, maxLength: number | undefined): Json {
  if (maxLength === undefined || typeof value !== 'string' || value.length <= maxLength)
    return value;
  const last = value.charCodeAt(maxLength - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength);
}

const WHOLE: Select = (value) => value;

const selectMember =
  (name: string): Select =>
  (value) =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as { readonly [key: string]: Json })[name]
      : undefined;

function selectOf(compilation: Compilation, mapping: unknown, pointer: string): Select {
  if (mapping === undefined || holdsProperties(mapping)) return WHOLE;
  const compiled =
    typeof mapping === 'string' ? compileJsonPath(mapping) : { why: 'of this output is not text' };
  if ('select' in compiled) return compiled.select;
  compilation.report(
    'JSONPATH_INVALID',
    pointerOf(pointer, 'mapping'),
    `The path ${compiled.why}.`,
  );
  return WHOLE;
}

function compileObject(
  compilation: Compilation,
  { value: properties, pointer }: Placed<Properties>,
  select: Select,
): Shape {
  const members = Object.entries(properties).map(
    ([name, property]) =>
      [name, compileParameter(compilation, property, pointerOf(pointer, name), name)] as const,
  );
  return function shapeObject(value) {
    const from = select(value);
    if (from === undefined || from === null) return null;
    return Object.fromEntries(members.map(([name, shape]) => [name, shape(from)]));
  };
}

function compileArray(
  compilation: Compilation,
  items: Placed<OutputParameter> | undefined,
  select: Select,
): Shape {
  const shape =
    items === undefined ? undefined : compileParameter(compilation, items.value, items.pointer);
  return function shapeArray(value) {
    const list = select(value);
    if (!Array.isArray(list)) return null;
    return shape === undefined ? list : list.map((item) => shape(item as Json));
  };
}
