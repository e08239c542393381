/**
 * What the request path is given: types only. Everything here was decided at load; a request reads
 * it and never changes it. Facts a person may ask for (`inspect`) stay plain data; hot work is a closure.
 */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

export type JsonSchema = { readonly [keyword: string]: Json };

/** Values by input name, null prototype. An absent input has no key. A Buffer is checked JSON text, passed on as it came. */
export type Values = Readonly<Record<string, unknown>>;

/** What a closure sees of one running operation. */
export interface Scope {
  readonly input: Values;
  readonly steps: Readonly<Record<string, Json | undefined>>;
}

export type InputType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';
export type InputPlace = 'path' | 'query' | 'header' | 'cookie' | 'body';

export interface InputPlan {
  /** The name as the file gives it. */
  readonly name: string;
  /** The property key in a tool's input schema: the name, or a safe spelling of it. */
  readonly key: string;
  readonly type: InputType;
  readonly required: boolean;
  readonly description?: string;
  /** The property's schema in a tool's `inputSchema`, description included. */
  readonly schema: JsonSchema;
  readonly default?: Json;
  /** Where REST finds it. `name` is the wire name; `whole` means the whole request body. */
  readonly from: { readonly in: InputPlace; readonly name: string; readonly whole?: boolean };
  /**
   * A whole JSON body that goes upstream unread: REST may hand the checked bytes on as a Buffer.
   */
  readonly passBytes: boolean;
  /** Coerces text to the declared type and checks it; calls `refuse` with a sentence when it does not fit. */
  readonly accept: (value: unknown, refuse: (why: string) => void) => unknown;
}

export interface UpstreamRequest {
  /** Scheme, host and port: `https://api.example.com`. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Names and values alternating, names in lower case. */
  readonly headers: readonly string[];
  readonly body?: string | Buffer;
}

/** Throws GatewayError INPUT_INVALID when a value cannot be placed in the request. */
export type BuildRequest = (scope: Scope) => UpstreamRequest;

export interface UpstreamResponse {
  readonly status: number;
  /** Names and values alternating as received, names in lower case; content-encoding already undone. */
  readonly headers: readonly string[];
  /** Whole when it was held or small; a stream when it is large and the caller can take a stream. */
  readonly body: Buffer | import('node:stream').Readable;
}

/** Tells when nobody waits for an answer any more. An AbortSignal is one. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface SendOptions {
  readonly signal?: Cancellation;
  /** True: the whole body in memory, within the size limit. False: a large or endless body may come as a stream. */
  readonly hold: boolean;
  /** Redirects followed; 0 hands a 3xx to the caller. */
  readonly redirects: number;
}

export interface UpstreamClient {
  send(request: UpstreamRequest, options: SendOptions): Promise<UpstreamResponse>;
  close(): Promise<void>;
}

export type RawFormat =
  | 'json'
  | 'xml'
  | 'yaml'
  | 'csv'
  | 'tsv'
  | 'psv'
  | 'html'
  | 'markdown'
  | 'text'
  | 'binary'
  | 'avro'
  | 'protobuf';

export interface CallStep {
  readonly kind: 'call';
  readonly name: string;
  /** `namespace.operation` of the consumed operation. */
  readonly target: string;
  readonly method: string;
  /** The consumed path as written, for people. */
  readonly pathTemplate: string;
  readonly baseUri: string;
  readonly redirects: number;
  readonly setCookie: boolean;
  readonly format: RawFormat;
  readonly build: BuildRequest;
}
export type StepPlan = CallStep;

/** `identity` hands the last call's answer on unread; `project` shapes a value from the scope. */
export type AnswerPlan =
  | { readonly kind: 'identity' }
  | { readonly kind: 'project'; readonly project: (scope: Scope) => Json | undefined };

/** One exposed operation, whichever face exposes it. A simple `call` is a plan of one step. */
export interface OperationPlan {
  readonly id: string;
  readonly inputs: readonly InputPlan[];
  readonly steps: readonly StepPlan[];
  readonly answer: AnswerPlan;
}

export interface RoutePlan {
  readonly method: string;
  /** As published, prefix included: `/v1/items/{id}`. */
  readonly path: string;
  readonly description?: string;
  readonly operation: OperationPlan;
}

export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** Exactly what `tools/list` says of a tool. */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations?: ToolAnnotations;
}

export interface ToolPlan {
  readonly definition: ToolDefinition;
  readonly operation: OperationPlan;
}

export interface RestPlan {
  readonly face: 'rest';
  readonly namespace: string;
  readonly address?: string;
  readonly port: number;
  readonly description?: string;
  readonly routes: readonly RoutePlan[];
}

export interface McpPlan {
  readonly face: 'mcp';
  readonly namespace: string;
  readonly transport: 'http' | 'stdio';
  readonly address?: string;
  /** Absent for stdio. */
  readonly port?: number;
  readonly description?: string;
  readonly tools: readonly ToolPlan[];
}

export interface ConsumedPlan {
  readonly namespace: string;
  readonly baseUri: string;
  readonly authentication: string;
  readonly operations: number;
}

export interface CapabilityPlan {
  readonly file: string;
  readonly label: string;
  readonly description?: string;
  readonly consumes: readonly ConsumedPlan[];
  readonly faces: readonly (RestPlan | McpPlan)[];
}

/** What came of running an operation. */
export type Outcome =
  | { readonly kind: 'answer'; readonly response: UpstreamResponse; readonly step: CallStep }
  | {
      readonly kind: 'value';
      readonly value: Json | undefined;
      readonly status: number;
      /** The upstream's answer that the value was made of, for its headers. */
      readonly answered?: { readonly response: UpstreamResponse; readonly step: CallStep };
    };
