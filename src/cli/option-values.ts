import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { parseAddress } from '../upstream/connect-to.ts';

/** Gathers the values of an option that may be repeated. */
export const collect = (value: string, all: readonly string[] = []): string[] => [...all, value];

/** `<namespace>=<value>`; of one namespace the last counts. */
export function collectPairs(
  value: string,
  all: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const equals = value.indexOf('=');
  if (equals <= 0 || equals === value.length - 1)
    throw new InvalidArgumentError('Write it as <namespace>=<value>.');
  return { ...all, [value.slice(0, equals)]: value.slice(equals + 1) };
}

/** `<host>=<address>`, each with a port or without. */
export function collectAddresses(
  value: string,
  all: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const equals = value.indexOf('=');
  const [host, address] = [value.slice(0, Math.max(0, equals)), value.slice(equals + 1)];
  if (parseAddress(host) === undefined || parseAddress(address) === undefined)
    throw new InvalidArgumentError(
      'Write it as <host>=<address>, such as api.example.com=127.0.0.1:8443.',
    );
  return { ...all, [host.toLowerCase()]: address };
}

export function collectPorts(
  value: string,
  all: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const [[namespace, text]] = Object.entries(collectPairs(value)) as [[string, string]];
  return { ...all, [namespace]: port(text) };
}

export function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535; 0 takes a free one.');
  return number;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 60 * 60_000,
};
const LONGEST_MS = 24 * 60 * 60_000;

/** `[HOST:]PORT`; loopback where no host is named. */
export function address(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]]+)):)?(\d+)$/i.exec(text);
  if (match === null)
    throw new InvalidArgumentError('Write it as PORT or HOST:PORT; an IPv6 address in brackets.');
  const host = match[1] ?? match[2] ?? '127.0.0.1';
  return {
    host: host.toLowerCase() === 'localhost' ? '127.0.0.1' : host,
    port: port(match[3] as string),
  };
}

const MOST_WORKERS = 256;

/** How many processes; `max` is one for each core that this process may use. */
export function workers(text: string): number {
  if (text === 'max') return availableParallelism();
  const number = Number(text);
  if (!/^\d{1,4}$/.test(text) || number < 1 || number > MOST_WORKERS)
    throw new InvalidArgumentError(`It is a number from 1 to ${MOST_WORKERS}, or max.`);
  return number;
}

/** Milliseconds. A number without a unit would be seconds to one reader and milliseconds to another. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const milliseconds = match === null ? 0 : Number(match[1]) * (UNITS[match[2] as string] ?? 0);
  if (milliseconds < 1)
    throw new InvalidArgumentError('Write it with its unit: 500ms, 30s, 2m or 1h.');
  if (milliseconds > LONGEST_MS) throw new InvalidArgumentError('A day (24h) is the most.');
  return Math.round(milliseconds);
}

const SIZES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** Bytes. */
export function size(text: string): number {
  const match = /^(\d+)(b|kb|mb|gb)$/i.exec(text);
  const bytes =
    match === null ? 0 : Number(match[1]) * (SIZES[(match[2] as string).toLowerCase()] ?? 0);
  if (bytes < 1) throw new InvalidArgumentError('Write it with its unit: 512kb or 10mb.');
  if (bytes > Number.MAX_SAFE_INTEGER) throw new InvalidArgumentError('That is too much.');
  return bytes;
}

/** `100/s`, `1000/m`, `10/30s`: requests in a time. */
export function collectRates(
  text: string,
  all: readonly { readonly requests: number; readonly perSeconds: number }[] = [],
): { requests: number; perSeconds: number }[] {
  const [, requests, time = ''] = /^([1-9]\d{0,8})\/(\d*(?:ms|s|m|h))$/.exec(text) ?? [];
  const milliseconds = requests === undefined ? 0 : duration(time.replace(/^(?=\D)/, '1'));
  if (milliseconds < 1000 || milliseconds % 1000 !== 0)
    throw new InvalidArgumentError('Write it as requests in whole seconds: 100/s, 1000/m, 10/30s.');
  return [...all, { requests: Number(requests), perSeconds: milliseconds / 1000 }];
}

/** Milliseconds, of something that may also be none at all. */
export const lifetime = (text: string): number => (text === '0' ? 0 : duration(text));

export function count(text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number === 0)
    throw new InvalidArgumentError('It is a whole number from 1 on.');
  return number;
}

/** A limit that 0 switches off, and below `least` of which no answer has room. */
export const answerLimit =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!/^\d{1,9}$/.test(text) || (number !== 0 && number < least))
      throw new InvalidArgumentError(`It is a whole number from ${least} on, or 0 for no limit.`);
    return number;
  };
