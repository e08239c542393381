import { Refusal } from './service.ts';

/** A row of a data source. Of those that are kept, `_rs` is no part. */
export type Row = Readonly<Record<string, unknown>>;

/** A data source: its rows by primary key, which is the field `id`. */
export interface DataSource {
  readonly rows: Map<unknown, Row>;
  made: number;
}

/** @throws Refusal 400 in the documented shape */
export const invalid = (message: string): Refusal =>
  new Refusal({
    status: 400,
    body: { code: 400, status: 'ERROR', title: 'Invalid Request', message },
  });

type Test = (value: unknown, wanted: unknown) => boolean;

const list = (wanted: unknown): readonly unknown[] => {
  if (!Array.isArray(wanted)) throw invalid('A list of values is expected');
  return wanted;
};

/** The documented operators, of texts and of numbers. */
const OPERATORS: Readonly<Record<string, Test>> = {
  is: (value, wanted) => value === wanted,
  not: (value, wanted) => value !== wanted,
  empty: (value) => value === undefined || value === null || value === '',
  notEmpty: (value) => value !== undefined && value !== null && value !== '',
  like: (value, wanted) => String(value).includes(String(wanted).replaceAll('%', '')),
  sw: (value, wanted) => String(value).startsWith(String(wanted)),
  ew: (value, wanted) => String(value).endsWith(String(wanted)),
  in: (value, wanted) => list(wanted).includes(value),
  nin: (value, wanted) => !list(wanted).includes(value),
  eq: (value, wanted) => value === wanted,
  ne: (value, wanted) => value !== wanted,
  gt: (value, wanted) => Number(value) > Number(wanted),
  gte: (value, wanted) => Number(value) >= Number(wanted),
  lt: (value, wanted) => Number(value) < Number(wanted),
  lte: (value, wanted) => Number(value) <= Number(wanted),
};

/** The rows that a documented query finds, as they are answered. @throws Refusal */
export function query(source: DataSource, written: unknown): readonly Row[] {
  const { filter = [], projection, sort = {}, offset = 0, limit = 10 } = object(written, 'query');
  if (!Number.isInteger(offset) || !Number.isInteger(limit))
    throw invalid('offset and limit are whole numbers');
  const found = [...source.rows.values()].filter((row) =>
    list(filter).every((entry) => matches(row, object(entry, 'filter'))),
  );
  const fields = Object.entries(object(sort, 'sort'));
  const sorted = found.toSorted((one, other) => {
    for (const [name, direction] of fields) {
      const [a, b] = [one[name] as string, other[name] as string];
      if (a !== b) return (a < b ? -1 : 1) * Number(direction);
    }
    return 0;
  });
  const from = offset as number;
  return sorted.slice(from, from + (limit as number)).map((row) => projected(row, projection));
}

function matches(row: Row, filter: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(([name, tests]) =>
    Object.entries(object(tests, name)).every(([operator, wanted]) => {
      const test = OPERATORS[operator];
      if (test === undefined) throw invalid(`Unknown operator ${operator}`);
      return test(row[name], wanted);
    }),
  );
}

function projected(row: Row, projection: unknown): Row {
  if (projection === undefined) return { ...row, _rs: 'Q' };
  const names = Object.keys(object(projection, 'projection'));
  return { ...Object.fromEntries(names.map((name) => [name, row[name]])), _rs: 'Q' };
}

/** Inserts, updates and deletes, all of them or none. @throws Refusal */
export function post(source: DataSource, written: unknown, now: string): readonly Row[] {
  const next: DataSource = { rows: new Map(source.rows), made: source.made };
  const answered = list(written).map((each) => change(next, object(each, 'row'), now));
  source.rows.clear();
  for (const [id, row] of next.rows) source.rows.set(id, row);
  source.made = next.made;
  return answered.map((row) => ({ ...row, _rs: 'Q' }));
}

function change(source: DataSource, written: Row, now: string): Row {
  const { _rs: state, ...given } = written;
  if (state === 'I') {
    source.made += 1;
    const row = { id: source.made, ...given, lastUpdateDate: `${now}#${source.made}` };
    if (source.rows.has(row.id)) throw invalid(`There is a row ${row.id} already`);
    source.rows.set(row.id, row);
    return row;
  }
  if (state !== 'U' && state !== 'D') throw invalid('_rs must be I, U or D');
  const known = source.rows.get(given.id);
  if (known === undefined) throw invalid('The primary key names no row');
  if (known.lastUpdateDate !== given.lastUpdateDate)
    throw invalid('The row was changed by another user');
  source.made += 1;
  const row: Row = { ...known, ...given, lastUpdateDate: `${now}#${source.made}` };
  if (state === 'D') source.rows.delete(given.id);
  else source.rows.set(given.id, row);
  return row;
}

export function object(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(`${name} must be an object`);
}
