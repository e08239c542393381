import type { JsonSchema } from '../plan/plan.ts';
import { plain } from './plain.ts';

/** One input or output. */
export type Row = readonly [name: string, type: string, required: boolean, description: string];

const DESCRIPTION_LIMIT = 90;

/** Rows with their cells below each other, indented. */
export function columns(rows: readonly Row[]): string[] {
  const width = (index: 0 | 1): number => Math.max(...rows.map((row) => row[index].length));
  return rows
    .map(([name, type, required, description]) =>
      [
        `      ${name.padEnd(width(0))}`,
        type.padEnd(width(1)),
        required ? 'required' : '        ',
        shortened(description.replace(/\s+/g, ' ').trim()),
      ]
        .join('  ')
        .trimEnd(),
    )
    .map(plain);
}

const shortened = (text: string): string =>
  text.length <= DESCRIPTION_LIMIT ? text : `${text.slice(0, DESCRIPTION_LIMIT - 1)}…`;

/** The properties of an object schema, or of the objects of a list, and theirs below them. */
export function membersOf(schema: JsonSchema, indent: string): Row[] {
  const items = schema.items as JsonSchema | undefined;
  const { properties = {}, required = [] } = items?.properties === undefined ? schema : items;
  const needed = new Set(required as readonly string[]);
  return Object.entries(properties as Record<string, JsonSchema>).flatMap(
    ([name, property]): Row[] => [
      [
        indent + name,
        typeText(property),
        needed.has(name),
        typeof property.description === 'string' ? property.description : '',
      ],
      ...membersOf(property, `${indent}  `),
    ],
  );
}

/** `array of string`, `string (a | b)`; of a type or nothing the type. */
export function typeText({ type, items, enum: values }: JsonSchema): string {
  const types = (Array.isArray(type) ? type : [type]).filter((each) => each !== 'null');
  const known = types.every((each) => typeof each === 'string') ? types.join(' or ') : 'any';
  if (Array.isArray(values)) return `${known} (${values.map(String).join(' | ')})`;
  const item = items === undefined ? 'any' : typeText(items as JsonSchema);
  return known === 'array' && item !== 'any' ? `array of ${item}` : known;
}
