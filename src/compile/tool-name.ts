import { createHash } from 'node:crypto';

/** What several model APIs take as a tool's name. */
export const NAME_LIMIT = 64;

/** The name a tool is served under: as published, or cut to 64 characters that end in a stable hash. */
export function servedToolName(name: string, style: 'published' | 'short' = 'published'): string {
  if (style === 'published' || name.length <= NAME_LIMIT) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, NAME_LIMIT - 9)}-${digest}`;
}
