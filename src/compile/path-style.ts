import { toText } from '../expression/template.ts';
import { isRecord } from '../json.ts';
import { encodeOrRefuse, percentEncode, type Refuse } from './encode.ts';

/** How a path parameter is written, as OpenAPI names the styles. */
export interface PathStyle {
  readonly style: 'simple' | 'label' | 'matrix';
  readonly explode: boolean;
}

/** Writes the value of one variable of a path. @param input how the caller knows it, for messages */
export type EncodePath = (value: unknown, input: string, refuse: Refuse) => string;

/**
 * A value stays one segment: it can neither leave its own nor name another one. Lists and objects
 * are written as RFC 6570 does; an object whose parameter declares no style is its JSON text.
 * @param name of the parameter, which style matrix writes
 */
export function pathEncoder(name: string, declared: PathStyle | undefined): EncodePath {
  const { style, explode } = declared ?? { style: 'simple', explode: false };
  return function encodePath(value, input, refuse) {
    if (value === undefined) {
      refuse(input, 'is needed in the path and was not given');
      return '';
    }
    let refused = false;
    const write = (each: unknown): string =>
      encodeOrRefuse(input, toText(each), (by, why) => {
        refused = true;
        refuse(by, why);
      });
    const members = declared !== undefined && hasMembers(value) ? Object.entries(value) : undefined;
    const items =
      members?.map(([key, each]) => `${write(key)}${explode ? '=' : ','}${write(each)}`) ??
      (Array.isArray(value) ? value : [value]).map(write);
    if (refused) return '';
    const why = whyNotSegment(items.join(','));
    if (why !== undefined) {
      refuse(input, why);
      return '';
    }
    const written = STYLES[style](name, items, explode, members !== undefined);
    if (isDots(written))
      refuse(input, `must not be "${items.join(',')}": it would name another path`);
    return written;
  };
}

type Join = (
  name: string,
  items: readonly string[],
  explode: boolean,
  ofMembers: boolean,
) => string;

const STYLES: Readonly<Record<PathStyle['style'], Join>> = {
  simple: (_name, items) => items.join(','),
  label: (_name, items, explode) => `.${items.join(explode ? '.' : ',')}`,
  matrix(name, items, explode, ofMembers) {
    const named = percentEncode(name) ?? '';
    if (!explode) return `;${named}=${items.join(',')}`;
    return items.map((item) => (ofMembers ? `;${item}` : `;${named}=${item}`)).join('');
  },
};

function whyNotSegment(written: string): string | undefined {
  if (written === '') return 'must not be empty: it fills a segment of the path';
  return written.includes('%00') ? 'must not hold a NUL character' : undefined;
}

const isDots = (text: string): boolean => text === '.' || text === '..';

const hasMembers = (value: unknown): value is object => isRecord(value) && !Buffer.isBuffer(value);
