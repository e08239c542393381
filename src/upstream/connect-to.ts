/** `<host>` or `<host>:<port>` of requests to the `<address>` or `<address>:<port>` that takes them. */
export type ConnectTo = Readonly<Record<string, string>>;

export interface Address {
  /** As it was given. */
  readonly text: string;
  readonly hostname: string;
  /** Undefined: that of the request. */
  readonly port: string | undefined;
}

/** Where connections to an origin go in place of its own host; undefined where nothing is said of it. */
export function addressOf({ host, hostname }: URL, connectTo: ConnectTo): Address | undefined {
  const given = connectTo[host] ?? connectTo[hostname];
  return given === undefined ? undefined : parseAddress(given);
}

/** Undefined for what is no `host` or `host:port`; an address of IPv6 stands in brackets. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(\[[\da-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  if (match === null || Number(match[2] ?? 1) > 65_535) return undefined;
  return { text, hostname: (match[1] as string).replace(/[[\]]/g, ''), port: match[2] };
}
