import { OptionError } from './namespaces.ts';
import type { GatewayOptions } from './options.ts';

const SHORTEST = 32;

type Options = Pick<GatewayOptions, 'stateKey' | 'environment'>;

/**
 * The secret that gateways share, from the option or the environment.
 * @throws OptionError when somebody could guess it
 */
export function stateKey({
  stateKey: given,
  environment = process.env,
}: Options): string | undefined {
  const key = given ?? environment.NAFTIKO_STATE_KEY;
  if (key === undefined || key === '') return undefined;
  if (key.length >= SHORTEST) return key;
  const name = given === undefined ? 'NAFTIKO_STATE_KEY' : '--state-key';
  throw new OptionError(
    `${name} has ${key.length} characters, and less than ${SHORTEST} can be guessed. Make one with: openssl rand -base64 32`,
  );
}

/**
 * @param why what needs the secret, as the beginning of a sentence
 * @throws OptionError where there is none
 */
export function requireStateKey(options: Options, why: string): void {
  if (stateKey(options) !== undefined) return;
  throw new OptionError(
    `${why}, and there is none. Set NAFTIKO_STATE_KEY, the same for all of them. Make one with: openssl rand -base64 32`,
  );
}
