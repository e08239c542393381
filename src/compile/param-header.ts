import type { ExposedParameter } from '../document/document.ts';
import { pointerOf } from '../document/source.ts';
import { isRecord } from '../json.ts';
import type { InputPlan, Json, JsonSchema } from '../plan/plan.ts';
import type { Compilation } from './compilation.ts';
import { looksSecret } from './secret-field.ts';

/** The keyword by which clients learn that they repeat an argument in a header. */
const KEYWORD = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TYPES: ReadonlySet<Json | undefined> = new Set(['string', 'integer', 'boolean']);

/** The schema of an input, with the header that its parameter names. */
export function withHeader(
  { name, schema }: InputPlan,
  parameters: readonly ExposedParameter[],
): JsonSchema {
  const header = parameters.find((parameter) => parameter.name === name)?.header;
  return header === undefined ? schema : { ...schema, [KEYWORD]: header };
}

/**
 * Reports headers that clients would drop the whole tool for, and values that should not stand where
 * every proxy reads them. `placeOf` gives the pointer of a property's header.
 */
export function checkHeaders(
  compilation: Compilation,
  schema: JsonSchema,
  placeOf: (path: readonly string[]) => string,
): void {
  const taken = new Map<string, string>();
  for (const { path, property } of propertiesOf(schema, [])) {
    const header = property[KEYWORD];
    if (header === undefined) continue;
    const name = path.join('.');
    const why = whyNot(name, header, property, taken);
    if (why === undefined) taken.set(String(header).toLowerCase(), name);
    else compilation.report('PARAMETER_HEADER_INVALID', placeOf(path), why);
  }
}

function whyNot(
  name: string,
  header: Json,
  { type }: JsonSchema,
  taken: ReadonlyMap<string, string>,
): string | undefined {
  if (typeof header !== 'string' || !TOKEN.test(header)) {
    return `${JSON.stringify(header)} is no name of a header: letters, digits and "-" make one, as in Region.`;
  }
  if (!TYPES.has(type)) {
    return `"${name}" is of type ${JSON.stringify(type ?? 'any')}, and only a string, integer or boolean can be repeated in a header.`;
  }
  if (looksSecret(name) || looksSecret(header)) {
    return `"${name}" looks like a secret, and headers are read and written down by what stands between. Leave header out.`;
  }
  const other = taken.get(header.toLowerCase());
  return other === undefined
    ? undefined
    : `The header "${header}" is that of "${other}" already. Give each input one of its own.`;
}

function* propertiesOf(
  { properties }: JsonSchema,
  path: readonly string[],
): Generator<{ readonly path: readonly string[]; readonly property: JsonSchema }> {
  if (!isRecord(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    if (!isRecord(property)) continue;
    yield { path: [...path, name], property };
    yield* propertiesOf(property, [...path, name]);
  }
}

/** Where the header of an input parameter stands, or that of a property of the author's own schema. */
export function headerPlaces(
  pointer: string,
  inputs: readonly InputPlan[],
  parameters: readonly ExposedParameter[],
  isOwn: boolean,
): (path: readonly string[]) => string {
  return (path) => {
    if (isOwn) {
      const inside = path.map((name) => pointerOf('', 'properties', name)).join('');
      return `${pointerOf(pointer, 'inputSchema')}${inside}${pointerOf('', KEYWORD)}`;
    }
    const input = inputs.find(({ key }) => key === path[0]);
    const at = parameters.findIndex(({ name }) => name === input?.name);
    return at === -1 ? pointer : pointerOf(pointer, 'inputParameters', at, 'header');
  };
}
