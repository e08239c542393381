import { isIPv6 } from 'node:net';
import { parseAddress } from '../upstream/connect-to.ts';
import { OptionError } from './namespaces.ts';
import type { GatewayOptions } from './options.ts';
import { requireStateKey } from './state-key.ts';

/** Where gateways on other machines reach this one. */
export interface Advertised {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

type Options = Pick<GatewayOptions, 'advertise' | 'stateKey' | 'environment'>;

/**
 * Undefined where nobody is to reach this gateway so.
 * @throws OptionError when nobody could, or the gateways have no secret in common
 */
export function advertised(options: Options): Advertised | undefined {
  const { advertise } = options;
  if (advertise === undefined) return undefined;
  const colon = advertise.lastIndexOf(':');
  const host = advertise.slice(0, Math.max(0, colon));
  // Kubernetes gives an address of IPv6 without brackets.
  const address = parseAddress(isIPv6(host) ? `[${host}]${advertise.slice(colon)}` : advertise);
  if (address?.port === undefined) {
    throw new OptionError(
      `--advertise ${advertise}: write it as HOST:PORT, the address at which other gateways reach this one, such as 10.1.2.3:9465.`,
    );
  }
  if (/^(?:0\.0\.0\.0|\*|::)$/.test(address.hostname)) {
    throw new OptionError(
      `--advertise ${advertise}: others cannot reach a gateway at this address, which stands for all of a machine. Give the one of this machine that they know.`,
    );
  }
  requireStateKey(options, '--advertise: gateways know each other by a secret they have in common');
  return { host: address.hostname, port: Number(address.port) };
}
