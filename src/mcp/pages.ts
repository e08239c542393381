import { INVALID_PARAMS, RpcError } from './rpc-error.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/**
 * The page of a list that begins behind `cursor`. A cursor names the item that was given last, so
 * it stands when others are added or taken away.
 * @throws RpcError -32602 for a cursor that is not of this list
 */
export function pageOf<Item>(
  items: readonly Item[],
  { method, cursor, size, keyOf }: PageRequest<Item>,
): Page<Item> {
  const from = startOf(items, { method, cursor, size, keyOf });
  const end = size === undefined ? items.length : Math.min(items.length, from + size);
  const page = from === 0 && end === items.length ? items : items.slice(from, end);
  const last = page.at(-1);
  if (end >= items.length || last === undefined) return { items: page };
  return { items: page, nextCursor: cursorOf(method, keyOf(last)) };
}

interface PageRequest<Item> {
  readonly method: string;
  /** As the client gave it; absent, null and '' are the first page. */
  readonly cursor: unknown;
  /** Items on a page; all of them when absent. */
  readonly size: number | undefined;
  /** What tells items apart, for ever. */
  readonly keyOf: (item: Item) => string;
}

function startOf<Item>(
  items: readonly Item[],
  { method, cursor, size, keyOf }: PageRequest<Item>,
): number {
  if (cursor === undefined || cursor === null || cursor === '') return 0;
  const at =
    typeof cursor === 'string'
      ? items.findIndex((item) => cursorOf(method, keyOf(item)) === cursor)
      : -1;
  if (at !== -1) return at + 1;
  const mend =
    size === undefined
      ? `${method} answers in one page.`
      : `take the "nextCursor" of an earlier ${method}, or none for the first page.`;
  throw new RpcError(INVALID_PARAMS, `This cursor is not known: ${mend}`);
}

const cursorOf = (method: string, key: string): string =>
  Buffer.from(`${method}\n${key}`).toString('base64url');
