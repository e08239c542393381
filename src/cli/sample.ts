import type { InputPlan, Json, JsonSchema } from '../plan/plan.ts';

/** Members of an object of which none is required that a sample shows. */
const MEMBERS_SHOWN = 3;

/** Text that fits a format, or a name where no format is declared. */
const BY_FORMAT: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '7d444840-9dc0-41d1-b245-5ffdce74fad2',
  date: '2025-01-31',
  time: '09:30:00Z',
  'date-time': '2025-01-31T09:30:00Z',
  duration: 'P1D',
};

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/i, 'ada@example.com'],
  [/passw/i, 'correct-horse'],
  [/ur[il]$/i, 'https://example.com'],
  [/date$/i, '2025-01-31'],
];

/** A believable value for a schema: its default, its first enum value, else one made up for its type. */
export function sampleOf(schema: JsonSchema, name = ''): Json {
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as Json;
  switch (schema.type) {
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    case 'array': {
      const items = schema.items as JsonSchema | undefined;
      return items?.type === undefined ? [] : [sampleOf(items, name)];
    }
    case 'object':
      return sampleObject(schema);
    default:
      return sampleText(schema, name);
  }
}

/** The value of an input as it stands in a URL or a header. */
export function sampleTextOf({ schema, name }: InputPlan): string {
  const sample = sampleOf(schema, name);
  return typeof sample === 'object' ? JSON.stringify(sample) : String(sample);
}

function sampleNumber({ minimum, maximum }: JsonSchema): number {
  const least = typeof minimum === 'number' ? minimum : 1;
  return typeof maximum === 'number' && maximum < least ? maximum : Math.max(1, least);
}

function sampleObject(schema: JsonSchema): Json {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = new Set((schema.required ?? []) as readonly string[]);
  const members =
    required.size === 0
      ? properties.slice(0, MEMBERS_SHOWN)
      : properties.filter(([name]) => required.has(name));
  return Object.fromEntries(members.map(([name, property]) => [name, sampleOf(property, name)]));
}

function sampleText({ format, minLength, maxLength }: JsonSchema, name: string): string {
  const known =
    BY_FORMAT[String(format)] ?? BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'example';
  const padded = typeof minLength === 'number' ? known.padEnd(minLength, 'x') : known;
  return typeof maxLength === 'number' ? padded.slice(0, maxLength) : padded;
}
