/**
 * A capability document in its author's words, as the accepting schema guarantees it
 * (`schemas/capability.schema.json`): validated, not transformed. Parts of the language that are
 * not served yet are kept as `unknown` so that the compiler can name them.
 */
export type Scalar = string | number | boolean;

export interface CapabilityDocument {
  readonly naftiko: string;
  readonly info?: {
    readonly label?: string;
    readonly description?: string;
    readonly tags?: readonly string[];
  };
  readonly binds?: readonly Bind[];
  /** Consumed APIs may be declared at the root, too. */
  readonly consumes?: readonly ConsumesEntry[];
  readonly capability?: {
    readonly binds?: readonly Bind[];
    readonly consumes?: readonly ConsumesEntry[];
    readonly exposes?: readonly Expose[];
    readonly aggregates?: unknown;
  };
}

export interface Bind {
  readonly namespace: string;
  readonly description?: string;
  readonly location?: string;
  /** Variable name → key in the environment or the file. */
  readonly keys?: Readonly<Record<string, string>>;
}

export type ConsumesEntry = ConsumesHttp | ConsumesImport;

export interface ConsumesImport {
  readonly location: string;
  readonly import: string;
  readonly as?: string;
  /** Says of the API what is said here, in place of its own words. */
  readonly description?: string;
}

export interface ConsumesHttp {
  readonly type?: 'http';
  readonly namespace: string;
  readonly baseUri: string;
  readonly description?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, Scalar>>;
  readonly inputParameters?: readonly ConsumedParameter[];
  readonly authentication?: ConsumedAuthentication;
  readonly resources?: readonly ConsumedResource[];
  /** An addition of ours: redirects followed, true meaning 5. */
  readonly followRedirects?: boolean | number;
  /** An addition of ours: hand the upstream's Set-Cookie to REST callers. */
  readonly forwardSetCookie?: boolean;
  readonly outputMeta?: OutputMeta;
  readonly cache?: Cache;
}

/** An addition of ours: how long answers are kept, and how much longer while the API fails. */
export type Cache = false | { readonly ttl: string | number; readonly stale?: string | number };

/** An addition of ours: name → JSONPath of what an answer says about itself. */
export type OutputMeta = Readonly<Record<string, string>>;

export interface ConsumedResource {
  readonly name?: string;
  readonly label?: string;
  readonly description?: string;
  readonly path: string;
  readonly inputParameters?: readonly ConsumedParameter[];
  readonly operations?: readonly ConsumedOperation[];
}

export interface ConsumedOperation {
  readonly name: string;
  readonly label?: string;
  readonly description?: string;
  /** GET when left out. */
  readonly method?: string;
  readonly inputParameters?: readonly ConsumedParameter[];
  /** An addition of ours: called without the credential of the block. */
  readonly authentication?: 'none';
  readonly outputRawFormat?: string;
  readonly outputSchema?: string;
  readonly outputMeta?: OutputMeta;
  readonly cache?: Cache;
  /** An addition of ours: the parameter that says for how many seconds an answer may be kept back. */
  readonly longPoll?: string;
  /** An addition of ours: the answer is lines of JSON that need not end. */
  readonly stream?: { readonly for?: string | number; readonly items?: number };
  readonly outputParameters?: readonly OutputParameter[];
  readonly body?: unknown;
}

export interface ParameterShape {
  readonly type?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly items?: ParameterShape;
  readonly properties?: Readonly<Record<string, ParameterShape>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface ConsumedParameter extends ParameterShape {
  readonly name: string;
  readonly in: string;
  readonly value?: unknown;
  readonly style?: string;
  readonly explode?: boolean;
}

export interface ExposedParameter extends ParameterShape {
  readonly name: string;
  /** Of a tool: clients repeat the value in the header Mcp-Param-<this>. */
  readonly header?: string;
  readonly in?: string;
  readonly value?: unknown;
}

export interface OutputParameter {
  readonly name?: string;
  readonly type?: string;
  readonly mapping?: unknown;
  readonly value?: unknown;
  readonly const?: unknown;
  readonly description?: string;
  readonly items?: unknown;
  readonly properties?: unknown;
  readonly values?: unknown;
  readonly maxLength?: number;
}

export type Authentication =
  | { readonly type: 'bearer'; readonly token?: string }
  | { readonly type: 'basic'; readonly username?: string; readonly password?: string }
  | {
      readonly type: 'apikey';
      readonly key?: string;
      readonly value?: string;
      readonly placement?: string;
      /** An older spelling of key and placement. */
      readonly name?: string;
      readonly in?: string;
    }
  | { readonly type: 'digest' | 'oauth2' };

/** What only consumed APIs have is an addition of ours. */
export type ConsumedAuthentication = Authentication | SessionAuthentication | CallerAuthentication;

export interface SessionAuthentication {
  readonly type: 'session';
  readonly login: string | SessionCall;
  /** For a login that is only named. */
  readonly with?: Readonly<Record<string, unknown>>;
  readonly refresh?: string | (SessionCall & { readonly values?: SessionValues });
  readonly logout?: string | readonly string[];
  readonly values: SessionValues;
  readonly success?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly inject: readonly SessionInjection[];
  readonly expires?: {
    readonly in?: string | number;
    readonly at?: string;
    readonly jwt?: string;
  };
  readonly renewEarly?: string | number;
  readonly renewOn?: readonly (
    | number
    | { readonly status: number; readonly beforeActing?: boolean }
  )[];
}

export interface SessionCall {
  readonly operation: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export type SessionValues = Readonly<
  Record<string, string | { readonly header?: string; readonly cookie?: string }>
>;

export interface SessionInjection {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
  readonly value: string;
}

export interface CallerAuthentication {
  readonly type: 'caller';
  readonly header: string;
  readonly key?: string;
  readonly placement?: 'header' | 'query';
  readonly value?: string;
  readonly required?: boolean;
  readonly description?: string;
}

export type Expose = ExposesRest | ExposesMcp | ExposesOther;

/** An addition of ours: how often something may be asked for. */
export interface WrittenLimits {
  readonly requests: number;
  readonly per: string | number;
  readonly by?: 'caller' | 'all';
}

interface ExposeBase {
  readonly namespace?: string;
  readonly address?: string;
  readonly port?: number;
  readonly description?: string;
  readonly authentication?: unknown;
  readonly limits?: WrittenLimits;
}

export interface ExposesRest extends ExposeBase {
  readonly type: 'rest';
  readonly inputParameters?: readonly ExposedParameter[];
  readonly resources?: readonly ExposedResource[];
}

export interface ExposedResource {
  readonly name?: string;
  readonly label?: string;
  readonly description?: string;
  readonly path: string;
  readonly inputParameters?: readonly ExposedParameter[];
  readonly operations?: readonly ExposedOperation[];
  readonly forward?: unknown;
}

export interface Semantics {
  readonly safe?: boolean;
  readonly idempotent?: boolean;
  readonly cacheable?: boolean;
}

/** What a REST operation, an MCP tool and a function of an aggregate have in common. */
export interface Exposed {
  readonly name?: string;
  readonly label?: string;
  readonly description?: string;
  readonly inputParameters?: readonly ExposedParameter[];
  readonly call?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly ref?: string;
  readonly steps?: unknown;
  readonly mappings?: unknown;
  readonly outputParameters?: readonly OutputParameter[];
  /** Of a function of an aggregate. */
  readonly semantics?: Semantics;
  /** Of a tool: the parts that it gives in place of its answer. */
  readonly content?: readonly unknown[];
  /** Of a tool: JSON Schema of its structured answer. */
  readonly outputSchema?: JsonObject;
}

type JsonObject = Readonly<Record<string, unknown>>;

export interface ExposedOperation extends Exposed {
  readonly limits?: WrittenLimits;
  /** GET when left out. */
  readonly method?: string;
}

export const DEFAULT_METHOD = 'GET';

export interface ExposesMcp extends ExposeBase {
  readonly type: 'mcp';
  readonly transport?: 'http' | 'stdio';
  readonly tools?: readonly ExposedTool[];
  /** An addition of ours: the most that an answer of a tool may have. */
  readonly maxAnswer?: MaxAnswer;
  readonly resources?: unknown;
  readonly prompts?: unknown;
}

/** What only callers with certain scopes may use. */
export interface Scoped {
  /** An addition of ours: scopes that a caller's token needs beside those of the expose. */
  readonly scopes?: readonly string[];
}

/** 0 is no limit. */
export interface MaxAnswer {
  readonly characters?: number;
  readonly tokens?: number;
}

export interface ExposedTool extends Exposed, Scoped {
  readonly name: string;
  /** An addition of ours; it wins over that of the expose. */
  readonly maxAnswer?: MaxAnswer;
  /** An addition of ours; it holds beside that of the expose. */
  readonly limits?: WrittenLimits;
  /** An addition of ours: callers may choose fields of the answer. */
  readonly fields?: boolean;
  /** JSON Schema of the arguments, in place of inputParameters. */
  readonly inputSchema?: JsonObject;
  readonly hints?: {
    readonly readOnly?: boolean;
    readonly destructive?: boolean;
    readonly idempotent?: boolean;
    readonly openWorld?: boolean;
  };
}

/** Faces that a later version serves: skill, control. */
export interface ExposesOther extends ExposeBase {
  readonly type: 'skill' | 'control';
}
