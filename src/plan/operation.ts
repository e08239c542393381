import type { CachePlan } from './cache.ts';
import type { Gathered } from './content.ts';
import type { AskStep } from './dialogue.ts';
import type { BuildRequest, UpstreamResponse } from './upstream.ts';
import type { Json, JsonSchema, Scope } from './values.ts';

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
  /**
   * Of one that passes: the kind of JSON that it has to be, where nothing else is asked of it, so that
   * its bytes need no more than to be JSON.
   */
  readonly passKind?: 'any' | 'object' | 'array';
  /** What a whole body that is text is sent upstream as: a media type other than JSON, in lower case. */
  readonly mediaType?: string;
  /** A credential of the caller: its value stands in no text that leaves, its own answer aside. */
  readonly secret?: true;
  /** Coerces text to the declared type and checks it; calls `refuse` with a sentence when it does not fit. */
  readonly accept: (value: unknown, refuse: (why: string) => void) => unknown;
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

/** How answers are read, as data, so that another thread can. */
export interface ReadingPlan {
  readonly format: RawFormat;
  readonly outputSchema?: string;
  /** The content of the file that `outputSchema` names. */
  readonly schemaText?: string;
}

/** Reads large answers beside what else runs. */
export interface AnswerReaders {
  /** Answers of up to so many bytes are better read in place. */
  readonly threshold: number;
  /**
   * What the reader of the format would give.
   * @throws Error that says why the answer cannot be read
   * @throws GatewayError CANCELLED, SHUTTING_DOWN
   */
  read(
    reading: ReadingPlan,
    bytes: Buffer,
    contentType: string | undefined,
    signal?: AbortSignal,
  ): Promise<Json>;
}

export interface CallStep {
  readonly kind: 'call';
  readonly name: string;
  /** What the file gives the parameters of one of several steps, as it writes it. */
  readonly with?: { readonly [parameter: string]: Json };
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
  /** What `read` was made of, where reading a large answer takes long. */
  readonly reading?: ReadingPlan;
  readonly build: BuildRequest;
  /** What the file says of keeping answers. */
  readonly cache?: CachePlan | 'never';
  /** The answer need not end: how much of it is collected for who needs it whole. */
  readonly stream?: { readonly forMs: number; readonly items: number };
  /** What an answer says about itself, beside the value that is made of it. */
  readonly meta?: (answer: Json) => Meta | undefined;
  /** Adds what the consumed operation declares of its answer, for later steps. */
  readonly augment?: (answer: Json, scope: Scope) => Json;
}

/** By name: `_meta` of a tool's result, headers of a REST answer. */
export type Meta = { readonly [name: string]: Json };

/** Finds entries in what an earlier step gave; undefined when a value is looked up that none has. */
export interface LookupStep {
  readonly kind: 'lookup';
  readonly name: string;
  /** As the file writes it: the step with the entries, their field, its value, the fields given. */
  readonly index: string;
  readonly match: string;
  readonly lookupValue: Json;
  readonly outputs: readonly string[];
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
  /** What the file puts into the context, as it writes it; absent for all that is known. */
  readonly with?: { readonly [name: string]: Json };
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
      /** What it is made of where steps are mapped, as the file writes it. */
      readonly mappings?: readonly { readonly targetName: string; readonly value: Json }[];
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
      readonly meta?: Meta;
    };
