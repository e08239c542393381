import { createHash } from 'node:crypto';

/** What several model APIs take as a tool's name. */
export const NAME_LIMIT = 64;

/** Whether the protocol knows such a name; many clients take less. */
export const isProtocolName = (name: string): boolean => /^[A-Za-z0-9_./-]{1,128}$/.test(name);

/**
 * How tools are named to clients: as published; cut to 64 characters where longer; or with letters,
 * digits and underscores alone, of at most 64 characters and without a digit in front.
 */
export type ToolNames = 'published' | 'short' | 'snake';

/** The name a tool is served under, by its published one alone. What is cut ends in a stable hash. */
export function servedToolName(name: string, style: ToolNames = 'published'): string {
  if (style === 'published') return name;
  const plain = style === 'snake' ? snake(name) : name;
  return plain.length <= NAME_LIMIT ? plain : hashed(plain, name, style);
}

/**
 * The served name of each tool of one expose, by its published name. Of names that become alike, the
 * one that was so from the start keeps it; each of the others ends in a hash of its own.
 */
export function assignToolNames(
  names: readonly string[],
  style: ToolNames = 'published',
): ReadonlyMap<string, string> {
  const served = new Map(names.map((name) => [name, servedToolName(name, style)]));
  const counts = new Map<string, number>();
  for (const name of served.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const [name, wanted] of served) {
    if (name !== wanted && counts.get(wanted) !== 1) served.set(name, hashed(wanted, name, style));
  }
  return served;
}

/** `name`, told apart by a hash of `of`: eight digits of it, and an underscore where dashes are none. */
export function hashed(name: string, of: string, style: ToolNames): string {
  const digest = createHash('sha256').update(of).digest('hex').slice(0, 8);
  return `${name.slice(0, NAME_LIMIT - 9)}${style === 'snake' ? '_' : '-'}${digest}`;
}

function snake(name: string): string {
  const words = name
    .replace(/^[^A-Za-z0-9_]+|[^A-Za-z0-9_]+$/g, '')
    .replace(/[^A-Za-z0-9_]+/g, '_');
  return /^[A-Za-z_]/.test(words) ? words : `_${words}`;
}
