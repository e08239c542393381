import { isRecord } from '../json.ts';
import type { Json, Scope } from '../plan/plan.ts';
import { compileListOf } from './output-list.ts';
import {
  isFixed,
  type OutputParameterLike,
  type OutputShape,
  shapesOf,
  toShapes,
} from './output-shape.ts';
import {
  compileSource,
  type OutputOptions,
  type Read,
  type Source,
  scalarCoercion,
} from './output-source.ts';

/** Shapes the tree of an answer, or the object that steps were mapped to. */
export type ShapeOutput = (value: Json, scope: Scope) => Json;

/**
 * Compiles the output parameters of one operation. Named ones are the fields of an object; of others
 * the first that is not null is the result. Paths inside an object or a list are relative to what its
 * own mapping gives; an object without one is made of what stands around it when its fields say where
 * they come from, and is the field of its name otherwise. What is missing, or cannot be of the
 * declared type, is null.
 */
export function compileOutputTree(
  parameters: readonly OutputParameterLike[],
  options: OutputOptions,
): ShapeOutput {
  const shapes = compileShapes(
    toShapes(parameters, options.pointer, options.mock ?? false),
    options,
  );
  return function shapeOutput(value, scope) {
    for (const shape of shapes) {
      const shaped = shape(value, scope);
      if (shaped !== null) return shaped;
    }
    return null;
  };
}

/** `around` is what stands around the value: the answer, an object, an element of a list. */
type Shaper = (around: Json | undefined, scope: Scope) => Json;

// These walk over shapes in functions of their own: one that did so where shapers are made would keep `options`
// alive for them, and with it the whole file.
const compileShapes = (shapes: readonly OutputShape[], options: OutputOptions): Shaper[] =>
  shapes.map((shape) => compileShape(shape, options));

function compileShape(shape: OutputShape, options: OutputOptions): Shaper {
  const source = compileSource(shape, options);
  if (shape.type === 'array') return compileList(shape, source, options);
  const read = source.gathers && shape.type !== 'any' ? onlyOne(source.read) : source.read;
  if (shape.type === 'object') return compileObject(shape, read, options);
  const coerce = scalarCoercion(shape, options);
  return (around, scope) => coerce(read(around, scope));
}

/** A path that may find several values gives a single one only when it finds one. */
const onlyOne =
  (read: Read): Read =>
  (around, scope) => {
    const found = read(around, scope) as readonly Json[] | undefined;
    return found?.length === 1 ? found[0] : undefined;
  };

function compileObject(shape: OutputShape, read: Read, options: OutputOptions): Shaper {
  const { properties, values, source } = shape;
  if (properties !== undefined) {
    const names = properties.map(([name]) => name);
    const shapers = compileShapes(shapesOf(properties), options);
    const blank: Record<string, Json> = Object.fromEntries(names.map((name) => [name, null]));
    const fixed = source.from === 'around' && isFixed(shape);
    return function shapeObject(around, scope) {
      const from = read(around, scope);
      const readable = isRecord(from) || (source.from === 'around' && Array.isArray(from));
      if (!readable && !fixed) return null;
      // Every object of it has the same fields, so they are there before they are filled.
      const object = { ...blank };
      for (let at = 0; at < names.length; at += 1) {
        object[names[at] as string] = (shapers[at] as Shaper)(from, scope);
      }
      return object;
    };
  }
  const each = values === undefined ? undefined : compileShape(values, options);
  return function shapeMap(around, scope) {
    const from = read(around, scope);
    if (!isRecord(from)) return null;
    if (each === undefined) return from;
    return Object.fromEntries(
      Object.entries(from).map(([name, value]) => [name, each(value, scope)]),
    );
  };
}

function compileList(shape: OutputShape, source: Source, options: OutputOptions): Shaper {
  const { items } = shape;
  const each = items === undefined ? undefined : compileShape(items, options);
  const listOf = compileListOf(source, items, options);
  const fixed =
    options.mock === true && each !== undefined && items !== undefined && isFixed(items);
  return function shapeList(around, scope) {
    const list = listOf(around, scope) ?? (fixed ? [null] : undefined);
    if (list === undefined) return null;
    return each === undefined ? list : list.map((item) => each(item, scope));
  };
}
