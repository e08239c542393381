import { EventEmitter } from 'node:events';
import { type Query, refuse } from './koyeb-check.ts';
import type { Answer } from './service.ts';

/** Something that is kept: an app, a service, … */
export type Thing = Record<string, unknown> & { readonly id: string };
export type Kind = 'app' | 'service' | 'deployment' | 'instance' | 'domain' | 'secret';

export interface LogLine {
  readonly msg: string;
  readonly created_at: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the organization has. */
export interface Platform {
  readonly now: () => number;
  add(kind: Kind, fields: Readonly<Record<string, unknown>>): Thing;
  /** Ends the call with 404 when there is none. */
  get(kind: Kind, id: string | undefined): Thing;
  all(kind: Kind): Thing[];
  change(kind: Kind, thing: Thing, fields: Readonly<Record<string, unknown>>): Thing;
  remove(kind: Kind, id: string): void;
  /** What happened to things of a kind, oldest first. */
  events(kind: Kind): readonly Thing[];
  /** Writes a log line of a service. */
  write(service: string, stream: 'stdout' | 'stderr' | 'koyeb', msg: string): void;
  readonly lines: readonly LogLine[];
  /** Emits `line` for each line that is written. */
  readonly written: EventEmitter;
}

export function createPlatform(now: () => number): Platform {
  const kept = new Map<Kind, Map<string, Thing>>();
  const happened = new Map<Kind, Thing[]>();
  const lines: LogLine[] = [];
  const written = new EventEmitter();
  written.setMaxListeners(0);
  let last = 0;
  const time = (): string => new Date(now()).toISOString();
  const of = (kind: Kind): Map<string, Thing> => {
    const known = kept.get(kind) ?? new Map<string, Thing>();
    kept.set(kind, known);
    return known;
  };
  const next = (kind: string): string => {
    last += 1;
    return `${kind}-${String(last).padStart(4, '0')}`;
  };
  function tell(kind: Kind, thing: Thing, type: string): void {
    const event = {
      ...{ id: next('event'), when: time(), organization_id: 'org-1', [`${kind}_id`]: thing.id },
      ...{ type: `${kind}.${type}`, message: `The ${kind} is ${type}.`, metadata: {} },
    };
    happened.set(kind, [...(happened.get(kind) ?? []), event]);
  }
  return {
    now,
    add(kind, fields) {
      const at = { created_at: time(), updated_at: time() };
      // A uint64 is text in JSON; this one no number of JavaScript holds.
      const version = '18446744073709551557';
      const thing = { id: next(kind), organization_id: 'org-1', ...at, version, ...fields };
      of(kind).set(thing.id, thing);
      tell(kind, thing, 'created');
      return thing;
    },
    get(kind, id) {
      const found = of(kind).get(id ?? '');
      return found ?? refuse(404, 'not_found', `There is no ${kind} "${id}".`);
    },
    all: (kind) => [...of(kind).values()],
    change(kind, thing, fields) {
      Object.assign(thing, fields, { updated_at: time() });
      tell(kind, thing, 'changed');
      return thing;
    },
    remove(kind, id) {
      const thing = of(kind).get(id);
      if (thing !== undefined) tell(kind, thing, 'deleted');
      of(kind).delete(id);
    },
    events: (kind) => happened.get(kind) ?? [],
    write(service, stream, msg) {
      const app_id = String(of('service').get(service)?.app_id);
      const labels = { app_id, service_id: service, stream, region: 'fra' };
      const line = { msg, created_at: time(), labels };
      lines.push(line);
      written.emit('line', line);
    },
    lines,
    written,
  };
}

/** A page of a list, as each list of Koyeb is answered. */
export function page(
  name: string,
  all: readonly unknown[],
  query: Query,
  more: object = {},
): Answer {
  const limit = Number(query.limit?.[0] ?? 10);
  const offset = Number(query.offset?.[0] ?? 0);
  const shown = all.slice(offset, offset + limit);
  const has_next = offset + shown.length < all.length;
  return { body: { [name]: shown, limit, offset, count: all.length, has_next, ...more } };
}

export const PAGE = { limit: 'count', offset: 'count' } as const;
export const ORDER = { order: ['asc', 'desc'] } as const;
/** A list of values that are not known beforehand. */
export const MANY = { many: [] } as const;

/** Whether a field of a thing is one of the values asked for; also when none was. */
export const isAskedFor = (asked: readonly string[] | undefined, value: unknown): boolean =>
  asked === undefined || asked.includes(String(value));

/** The things that are asked for by each of some fields. @param by names in the query, by field */
export function askedFor<Thing extends Readonly<Record<string, unknown>>>(
  things: readonly Thing[],
  query: Readonly<Record<string, readonly string[] | undefined>>,
  by: Readonly<Record<string, string>>,
): Thing[] {
  const fields = Object.entries(by);
  return things.filter((thing) =>
    fields.every(([field, name]) => isAskedFor(query[name], thing[field])),
  );
}

/** The fields of a change: those of the mask, or those that are given. */
export function masked(
  fields: Readonly<Record<string, unknown>>,
  query: Query,
): Record<string, unknown> {
  const [mask] = query.update_mask ?? [];
  if (mask === undefined) return { ...fields };
  return Object.fromEntries(mask.split(',').map((name) => [name, fields[name]]));
}
