import { OptionError } from './namespaces.ts';
import type { GatewayOptions } from './options.ts';

const SHORTEST = 32;

/**
 * The secret that gateways share, from the option or the environment.
 * @throws OptionError when somebody could guess it
 */
export function stateKey({
  stateKey: given,
  environment = process.env,
}: Pick<GatewayOptions, 'stateKey' | 'environment'>): string | undefined {
  const key = given ?? environment.NAFTIKO_STATE_KEY;
  if (key === undefined || key === '') return undefined;
  if (key.length >= SHORTEST) return key;
  const name = given === undefined ? 'NAFTIKO_STATE_KEY' : '--state-key';
  throw new OptionError(
    `${name} has ${key.length} characters, and less than ${SHORTEST} can be guessed. Make one with: openssl rand -base64 32`,
  );
}
