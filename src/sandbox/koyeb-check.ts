import { type Call, Refusal } from './service.ts';

export interface Fault {
  readonly field: string;
  readonly description: string;
}

/** Ends a call with an error in Koyeb's shape. */
export function refuse(
  status: number,
  code: string,
  message: string,
  fields?: readonly Fault[],
): never {
  throw new Refusal({
    status,
    body: { status, code, message, ...(fields === undefined ? {} : { fields }) },
  });
}

const invalid = (fields: readonly Fault[]): never =>
  refuse(400, 'invalid_argument', 'Validation error', fields);

/** `many` is a parameter that is repeated, with its values where they are known. */
type Kind =
  | 'text'
  | 'count'
  | 'flag'
  | 'time'
  | readonly string[]
  | { readonly many: readonly string[] };
export type Query = Readonly<Record<string, readonly string[]>>;

/** The query of a call that has nothing but what is known, each of its kind. */
export function readQuery({ query }: Call, kinds: Readonly<Record<string, Kind>>): Query {
  const faults: Fault[] = [];
  const read: Record<string, string[]> = {};
  for (const [field, value] of query) {
    const kind = kinds[field];
    read[field] = [...(read[field] ?? []), value];
    if (kind === undefined)
      faults.push({ field, description: 'is no parameter of this operation' });
    else if (!isOfKind(kind, value)) faults.push({ field, description: `"${value}" is not valid` });
    else if (read[field].length > 1 && !(typeof kind === 'object' && 'many' in kind)) {
      faults.push({ field, description: 'is given more than once' });
    }
  }
  return faults.length === 0 ? read : invalid(faults);
}

function isOfKind(kind: Kind, value: string): boolean {
  if (kind === 'text') return value !== '';
  if (kind === 'count') return /^\d+$/.test(value);
  if (kind === 'flag') return value === 'true' || value === 'false';
  if (kind === 'time')
    return /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
  if (!('many' in kind)) return kind.includes(value);
  // Whoever joins values by commas finds that there is no such value.
  return kind.many.length === 0 ? !value.includes(',') : kind.many.includes(value);
}

/** What a field holds; the name of a field that must be there ends in `!`. */
export type Shape =
  | 'string'
  | 'integer'
  | 'boolean'
  | readonly string[]
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };
export type Fields = Readonly<Record<string, unknown>>;

/** The body of a call, which is an object with nothing but known fields, each of its shape. */
export function readBody(call: Call, fields: Readonly<Record<string, Shape>>): Fields {
  if (!/^application\/json\b/i.test(call.headers['content-type'] ?? '')) {
    refuse(400, 'invalid_argument', 'The content type has to be application/json.');
  }
  let value: unknown;
  try {
    value = JSON.parse(call.body);
  } catch {
    refuse(400, 'invalid_argument', 'The body is not JSON.');
  }
  const faults: Fault[] = [];
  check({ fields }, value, 'body', faults);
  return faults.length === 0 ? (value as Fields) : invalid(faults);
}

function check(shape: Shape, value: unknown, field: string, faults: Fault[]): void {
  const wrong = (description: string): void => void faults.push({ field, description });
  if (typeof shape === 'string') {
    const fits = shape === 'integer' ? Number.isSafeInteger(value) : typeof value === shape;
    if (!fits) wrong(`has to be of type ${shape}`);
  } else if ('list' in shape) {
    if (!Array.isArray(value)) wrong('has to be a list');
    else
      for (const [at, each] of value.entries()) check(shape.list, each, `${field}[${at}]`, faults);
  } else if ('fields' in shape) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      wrong('has to be an object');
      return;
    }
    const known = new Map(
      Object.entries(shape.fields).map(([name, of]) => [name.replace('!', ''), of]),
    );
    for (const [name, each] of Object.entries(value)) {
      const of = known.get(name);
      if (of === undefined) faults.push({ field: `${field}.${name}`, description: 'is not known' });
      else check(of, each, `${field}.${name}`, faults);
    }
    for (const name of Object.keys(shape.fields).filter((each) => each.endsWith('!'))) {
      if (!Object.hasOwn(value, name.slice(0, -1))) {
        faults.push({ field: `${field}.${name.slice(0, -1)}`, description: 'is required' });
      }
    }
  } else if (!shape.includes(value as string)) wrong(`has to be one of ${shape.join(', ')}`);
}
