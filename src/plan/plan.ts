import type {
  CheckArguments,
  CheckStructured,
  Completions,
  ContentPlan,
  Gathered,
} from './content.ts';
import type { AskStep } from './dialogue.ts';
import type { ControlPlan, ForwardPlan, SkillPlan } from './faces.ts';
import type { CredentialFacts, InboundPlan, Scoped } from './inbound.ts';

export type * from './faces.ts';

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
  /**
   * Where REST finds it. `name` is the wire name; `whole` means the whole request body; `select` reads
   * it out of the body.
   */
  readonly from: {
    readonly in: InputPlace;
    readonly name: string;
    readonly whole?: boolean;
    readonly select?: (body: Json) => Json | undefined;
  };
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
  /** What has to be worked out when the request is sent; it replaces an `authorization` header. */
  readonly credential?: import('./outbound.ts').OutboundPlan;
}

/** A request whose body is read while it is sent: it goes once, whatever comes of it. */
export interface StreamedRequest extends Omit<UpstreamRequest, 'body'> {
  readonly body: import('node:stream').Readable;
  /** Bytes, where they are known; the body goes in chunks otherwise. */
  readonly bodyLength?: number;
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
  /** True: the body as it comes, however small. */
  readonly stream?: boolean;
  /** Redirects followed; 0 hands a 3xx to the caller. */
  readonly redirects: number;
}

export interface UpstreamClient {
  send(request: UpstreamRequest | StreamedRequest, options: SendOptions): Promise<UpstreamResponse>;
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
  /** The tree of an answer's bytes. Throws an Error that says why it cannot be read. */
  readonly read: (bytes: Buffer, contentType: string | undefined) => Json;
  readonly build: BuildRequest;
  /** Adds what the consumed operation declares of its answer, for later steps. */
  readonly augment?: (answer: Json, scope: Scope) => Json;
}

/** Finds entries in what an earlier step gave; undefined when a value is looked up that none has. */
export interface LookupStep {
  readonly kind: 'lookup';
  readonly name: string;
  readonly find: (scope: Scope) => Json | undefined;
}

export interface ScriptStep {
  readonly kind: 'script';
  readonly name: string;
  /** Checked code, as `script/` runs it. */
  readonly script: {
    readonly language: 'javascript' | 'python';
    readonly sources: readonly { readonly name: string; readonly text: string }[];
    readonly limits: {
      readonly timeoutMs: number;
      readonly memoryBytes: number;
      readonly statements: number;
    };
  };
  readonly context: (scope: Scope) => Json;
}

export type StepPlan = CallStep | LookupStep | ScriptStep | AskStep;

/** One of several steps, and the places of those it waits for. */
export interface ChainLink {
  readonly step: StepPlan;
  readonly after: readonly number[];
}

/** `identity` hands the last call's answer on unread; `project` shapes a value from the scope. */
export type AnswerPlan =
  | { readonly kind: 'identity' }
  | {
      readonly kind: 'project';
      readonly project: (scope: Scope) => Json | undefined;
      /** The status of the answer; that of the last call when absent. */
      readonly status?: number;
    };

/** One exposed operation, whichever face exposes it. A simple `call` is a plan of one step. */
export interface OperationPlan {
  readonly id: string;
  readonly inputs: readonly InputPlan[];
  /** The calls, in file order. */
  readonly steps: readonly CallStep[];
  /** How the steps run, when there are others than calls or they need not wait for each other. */
  readonly chain?: readonly ChainLink[];
  readonly answer: AnswerPlan;
  /** Steps whose answers are kept as they came, for parts; present when parts are made of the steps. */
  readonly keeps?: readonly string[];
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

export interface ToolPlan extends Scoped {
  readonly definition: ToolDefinition;
  readonly maxAnswer?: import('./answer-limit.ts').AnswerLimit;
  /** The argument by which callers choose what they see of the answer; it never goes upstream. */
  readonly fields?: string;
  /** What it gives in place of its answer. */
  readonly content?: readonly ContentPlan[];
  /** Present when the author's own schema judges the arguments; the inputs take them as they are. */
  readonly checkArguments?: CheckArguments;
  /** Present when the author's own schema judges the structured answer. */
  readonly checkStructured?: CheckStructured;
  /** The name that the file gives, where it is served under another one; calls may use it. */
  readonly published?: string;
  readonly operation: OperationPlan;
}

/** What `resources/list` says of a resource, or `resources/templates/list` of a template. */
export interface ResourceDefinition {
  /** As published; of a template with its variables as `{name}`. */
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

/** A piece of a URI template: text as written, or a variable that stands for one segment or part of one. */
export type UriPart = { readonly text: string } | { readonly variable: string };

/** A resource whose content an operation gives; with `template` it stands for many URIs. */
export interface DynamicResourcePlan extends Scoped {
  readonly kind: 'dynamic';
  readonly definition: ResourceDefinition;
  /** The variables are inputs of the operation, by name. */
  readonly template?: readonly UriPart[];
  readonly operation: OperationPlan;
  /** By variable. */
  readonly completions?: Completions;
  /** Milliseconds between two looks while somebody wants to hear of changes. */
  readonly watchMs?: number;
}

/** Every file below a folder, each a resource at `<uri>/<path of the file>`. */
export interface FolderResourcePlan extends Scoped {
  readonly kind: 'folder';
  readonly definition: ResourceDefinition;
  /** Absolute path. It may be missing, and come later. */
  readonly folder: string;
}

export type ResourcePlan = DynamicResourcePlan | FolderResourcePlan;

/** A piece of a prompt's text: as written, the value of an argument, or what steps gave for it. */
export type PromptPart =
  | { readonly text: string }
  | { readonly argument: string }
  | { readonly read: (scope: Scope) => string };

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  /** In place of a text. */
  readonly content?: ContentPlan;
  readonly parts: readonly PromptPart[];
}

/** Exactly what `prompts/list` says of a prompt. */
export interface PromptDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly {
    readonly name: string;
    readonly title?: string;
    readonly description?: string;
    readonly required: boolean;
  }[];
}

export interface PromptPlan extends Scoped {
  readonly definition: PromptDefinition;
  /** By argument. */
  readonly completions?: Completions;
  /** Values that arguments may have, by argument. */
  readonly allowed?: Readonly<Record<string, readonly string[]>>;
  readonly messages: readonly PromptMessage[];
  /**
   * Run before the messages are made. Its inputs are arguments of the prompt, its value what each
   * step gave, by name.
   */
  readonly operation?: OperationPlan;
}

export interface RestPlan {
  readonly face: 'rest';
  readonly namespace: string;
  readonly authentication?: InboundPlan;
  readonly credential?: CredentialFacts;
  readonly address?: string;
  readonly port: number;
  readonly description?: string;
  readonly routes: readonly RoutePlan[];
  readonly forwards?: readonly ForwardPlan[];
}

export interface McpPlan {
  readonly face: 'mcp';
  readonly namespace: string;
  readonly authentication?: InboundPlan;
  readonly credential?: CredentialFacts;
  readonly transport: 'http' | 'stdio';
  readonly address?: string;
  /** Absent for stdio. */
  readonly port?: number;
  readonly description?: string;
  readonly tools: readonly ToolPlan[];
  readonly resources?: readonly ResourcePlan[];
  readonly prompts?: readonly PromptPlan[];
}

export interface ConsumedPlan {
  readonly namespace: string;
  readonly baseUri: string;
  readonly authentication: string;
  readonly operations: number;
}

export type FacePlan = RestPlan | McpPlan | SkillPlan | ControlPlan;

export interface CapabilityPlan {
  readonly file: string;
  /** Version of the language that the file is written in. */
  readonly specVersion: string;
  readonly label: string;
  readonly description?: string;
  readonly consumes: readonly ConsumedPlan[];
  readonly faces: readonly FacePlan[];
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
      /** What parts are made of, where the operation keeps it. */
      readonly gathered?: Gathered;
    };
