import { randomUUID } from 'node:crypto';
import type { InitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Caller } from './conversation.ts';
import { createSeal } from './seal.ts';

/** What a client says of itself when it opens a session. */
export type Handshake = Pick<
  InitializeRequest['params'],
  'protocolVersion' | 'capabilities' | 'clientInfo'
>;

export interface SessionIdOptions {
  /** What ids begin with, where other processes have to know whose they are. */
  readonly prefix: string;
  /** Name of the server that the sessions are of. */
  readonly server: string;
  /** A secret that several gateways share; without one an id tells nothing. */
  readonly key: string | undefined;
  /** Where the others reach this gateway, if they do. */
  readonly here?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface SessionIds {
  make(handshake: Handshake, caller: Caller): string;
  /** What the id tells its caller's gateways, whichever has made it; undefined when it tells nothing. */
  read(id: string, caller: Caller): Opened | undefined;
}

/** How a session was opened. */
export interface Opened {
  /** What its client said; undefined where that was too much to tell. */
  readonly handshake: Handshake | undefined;
  /** Where the gateway was reached that opened it. */
  readonly holder: string | undefined;
}

/** Bytes of what an id tells; it goes with each request, in a header. */
const LARGEST = 1024;
/** Milliseconds after which an id means nothing any more where its session is not held. */
const LONGEST_LIFE = 7 * 24 * 60 * 60_000;
/** A process's number in front, then a letter, so that the two cannot be taken for one another. */
const SEALED = /^(?:[1-9]\d{0,3}-)?s([\w-]+)$/;

interface Told extends Partial<Handshake> {
  /** When the session was opened, milliseconds since 1970. */
  readonly at: number;
  readonly holder?: string;
}

/**
 * Ids of sessions. With a key that gateways share an id holds what its client said at the handshake,
 * sealed, and bound to the caller and the server: any of the gateways can go on with the session, also
 * one that was started later. Where they reach each other it holds where it was opened, too.
 */
export function createSessionIds({ prefix, server, key, here, now }: SessionIdOptions): SessionIds {
  if (key === undefined) {
    return { make: () => prefix + randomUUID(), read: () => undefined };
  }
  const seal = createSeal({ key, purpose: 'naftiko session 1', largest: LARGEST });
  const boundTo = ({ principal = '' }: Caller): Buffer =>
    Buffer.from(JSON.stringify([principal, server]));
  return {
    make({ protocolVersion, capabilities, clientInfo: { name, version } }, caller) {
      const opened = { at: now(), ...(here === undefined ? {} : { holder: here }) };
      const all: Told = { ...opened, protocolVersion, capabilities, clientInfo: { name, version } };
      const told = [all, ...(here === undefined ? [] : [opened])]
        .map((each) => Buffer.from(JSON.stringify(each)))
        .find(({ length }) => length <= LARGEST);
      return told === undefined
        ? prefix + randomUUID()
        : `${prefix}s${seal.close(told, boundTo(caller))}`;
    },
    read(id, caller) {
      const sealed = SEALED.exec(id)?.[1];
      const bytes = sealed === undefined ? undefined : seal.open(sealed, boundTo(caller));
      if (bytes === undefined) return undefined;
      const { at, holder, ...said } = JSON.parse(bytes.toString('utf8')) as Told;
      if (now() - at >= LONGEST_LIFE) return undefined;
      const handshake = said.protocolVersion === undefined ? undefined : (said as Handshake);
      return { handshake, holder };
    },
  };
}
