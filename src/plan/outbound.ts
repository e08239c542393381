import type { Secret } from './inbound.ts';
import type { CallStep } from './operation.ts';
import type { Json, Scope, Values } from './values.ts';

/** A credential towards a consumed API that has to be worked out at request time. */
export type OutboundPlan =
  | { readonly type: 'digest'; readonly username: string; readonly password: Secret }
  | {
      readonly type: 'oauth2';
      /** Where tokens come from; with an issuer alone, what its metadata name. */
      readonly from: { readonly tokenEndpoint: string } | { readonly issuer: string };
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scopes: readonly string[];
      /** Sent instead of the resource when the file gives one: some servers refuse the other. */
      readonly audience?: string;
      readonly resource?: string;
    }
  | SessionPlan
  | SessionEndPlan;

/** Logs in by calling an operation, and shows other requests what that gave. */
export interface SessionPlan {
  readonly type: 'session';
  readonly login: SessionCall;
  /** Tried before a login, where there is a session to renew. `bare`: without the credential of that. */
  readonly refresh?: SessionCall & { readonly bare: boolean };
  readonly inject: readonly SessionInjection[];
  /** Milliseconds before its end; undefined for a share of its life. */
  readonly renewEarly?: number;
  /** Statuses that refuse a session. */
  readonly renewOn: ReadonlyMap<number, { readonly beforeActing: boolean }>;
}

/** For the request that ends a session: shown it while there is one, never the cause of one. */
export interface SessionEndPlan {
  readonly type: 'session-end';
  readonly session: SessionPlan;
}

export interface SessionCall {
  readonly step: CallStep;
  /** What the answer has to say; `path` is for messages. */
  readonly success: readonly {
    readonly path: string;
    readonly isMet: (answer: SessionAnswer) => boolean;
  }[];
  /** `from` is for messages. */
  readonly values: readonly {
    readonly name: string;
    readonly from: string;
    readonly pick: (answer: SessionAnswer) => Json | undefined;
  }[];
  /** When the session ends, milliseconds since 1970; undefined when nothing says it. `asked` is when its login was sent. */
  readonly expires?: (answer: SessionAnswer, values: Values, asked: number) => number | undefined;
}

export interface SessionAnswer {
  /** undefined for an empty one. */
  readonly body: Json | undefined;
  /** Names and values alternating, names in lower case. */
  readonly headers: readonly string[];
}

/** The values of the session are the inputs of the scope. */
export interface SessionInjection {
  readonly in: 'header' | 'query' | 'cookie';
  /** Of a header in lower case. */
  readonly name: string;
  /** A header's value, or `name=value` encoded; `refuse` is told why it cannot be sent. */
  readonly write: (scope: Scope, refuse: (why: string) => void) => string;
}
