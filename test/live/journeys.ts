import type { Operation } from '../stories/outline.ts';
import type { Journey } from './journey.ts';
import { keys } from './keys.ts';
import { logins } from './logins.ts';
import { passkeys } from './passkeys.ts';
import { passwords } from './passwords.ts';
import { profiles } from './profiles.ts';
import { qrLogins } from './qr.ts';

/** Through all operations; the account is left as it was found. */
export async function goThrough(journey: Journey): Promise<void> {
  for (const part of [profiles, logins, keys, qrLogins, passkeys, passwords]) await part(journey);
}

/** The tools that no step was about. */
export function untold(operations: readonly Operation[], told: ReadonlySet<string>): string[] {
  return operations.map(({ tool }) => tool).filter((tool) => !told.has(tool));
}
